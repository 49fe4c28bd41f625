import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { closed, dataOf, drain, folderBytes, openLog, roomySpace } from './test-log.ts';

const KIB = 1024;
const run = promisify(execFile);
const program = fileURLToPath(new URL('test-small-disk.main.ts', import.meta.url));
const temporary = () => mkdtempDisposable(join(tmpdir(), 'spool-'));

/** Runs the program that prints to a log by another. @returns what became of the log */
async function runUnder(file: string, before: readonly string[], args: readonly string[]): Promise<unknown> {
  const node = [process.execPath, '--conditions=@cc-executor/source', program];
  const { stdout } = await run(file, [...before, ...node, ...args]);
  return JSON.parse(stdout);
}

/** On a disk of 1 MiB. */
const onSmallDisk = (...args: readonly string[]): Promise<unknown> =>
  runUnder(
    'bwrap',
    ['--dev-bind', '/', '/', '--size', String(1024 * KIB), '--tmpfs', '/mnt'],
    ['--folder', '/mnt/logs', ...args],
  );

const canMount = await run('bwrap', ['--dev-bind', '/', '/', '--tmpfs', '/mnt', 'true']).then(
  () => true,
  () => false,
);

test('what is printed lies in segments that only their owner may read', async () => {
  await using opened = await openLog({ retention: { maxBytes: 1024 * KIB } });
  const { log, folder } = opened;
  for (let count = 0; count < 5; count += 1) log.appendOutput('stdout', [Buffer.alloc(40 * KIB)]);
  await log.settled();
  const names = (await readdir(folder)).toSorted();
  expect(names).toEqual([0, 1, 2, 3, 4].map((index) => `${index + 1}-${index * 40 * KIB}.log`));
  const modes = await Promise.all([folder, join(folder, names[0] ?? '')].map((path) => stat(path)));
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
});

test('what a log holds is on disk, byte for byte, once it has settled', async () => {
  await using opened = await openLog();
  const { log, folder, print } = opened;
  print('one', 'two');
  await log.settled();
  const first = await readFile(join(folder, '1-0.log'));
  print('three');
  await log.settled();
  const both = await readFile(join(folder, '1-0.log'));
  expect(both.subarray(0, first.length).equals(first)).toBe(true);
  expect([first.length, both.length]).toEqual([64, 96]);
  expect(log.counts.storedBytes).toBe(96);
});

test('a log that is over has written what was pending', async () => {
  const opened = await openLog();
  await using _opened = opened;
  opened.print(...Array.from({ length: 5_000 }, (_, index) => `${index}\n`));
  await opened.log[Symbol.asyncDispose]();
  expect(await folderBytes(opened.folder)).toBe(opened.log.counts.storedBytes);
});

test('nobody waits for a source that goes on printing', async () => {
  await using opened = await openLog();
  const state = { isSettled: false };
  opened.print('first');
  const settled = opened.log.settled().then(() => (state.isSettled = true));
  while (!state.isSettled) {
    opened.print('more');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect(settled).resolves.toBe(true);
});

test.each<[what: string, code: string, prepare: (path: string) => Promise<unknown>]>([
  ['a file where the folder is to be', 'ENOTDIR', (path) => writeFile(path, '')],
  [
    'a link where a segment is to be',
    'ELOOP',
    async (path) => {
      await mkdir(path);
      await symlink('target', join(path, '1-0.log'));
    },
  ],
  [
    'a folder where a segment is to be',
    'EISDIR',
    (path) => mkdir(join(path, '1-0.log'), { recursive: true }),
  ],
])('%s is told once, and what is in memory can be read', async (_what, code, prepare) => {
  await using directory = await temporary();
  const folder = join(directory.path, 'log');
  await prepare(folder);
  await using opened = await openLog({ folder, space: roomySpace(0) });
  const { log, faults, print } = opened;
  const consumer = log.join(0);
  print('before the disk refuses');
  await log.settled();
  expect(faults).toMatchObject([{ code: 'diskRefused', message: expect.stringContaining(code) }]);
  print('refused');
  log.append(closed);
  await log.settled();
  expect([faults.length, log.isFull, log.isClosed]).toEqual([1, false, true]);
  await log.ready();
  consumer.leave(false);
  await using reader = log.reader({ afterSeq: 0 });
  const entries = await drain(reader);
  expect([dataOf(entries).toString(), entries.at(-1)?.type]).toEqual(['before the disk refuses', 'closed']);
});

test('a link is not followed, and what it leads to is left alone', async () => {
  await using directory = await temporary();
  const target = join(directory.path, 'target');
  await writeFile(target, 'precious');
  await symlink(target, join(directory.path, '1-0.log'));
  await using opened = await openLog({ folder: directory.path });
  opened.print('a');
  await opened.log.settled();
  expect([await readFile(target, 'utf8'), opened.faults.length]).toEqual(['precious', 1]);
});

test('whoever waits for the disk goes on when it refuses a log that takes no more anyway', async () => {
  await using directory = await temporary();
  const folder = join(directory.path, 'log');
  await writeFile(folder, '');
  await using opened = await openLog({ folder, retention: { atQuota: 'fail', maxBytes: 4096 * KIB } });
  const { log, faults } = opened;
  while (faults.length === 0) log.appendOutput('stdout', [Buffer.alloc(64 * KIB)]);
  expect([faults[0]?.code, log.isFull]).toEqual(['quotaExceeded', true]);
  await log.ready();
  expect(faults).toHaveLength(1);
});

test('a file that may not grow any more ends the log', async () => {
  await using directory = await temporary();
  const limit = ['-c', 'ulimit -f 200; exec "$@"', 'sh'];
  expect(await runUnder('sh', limit, ['--folder', directory.path])).toMatchObject({
    codes: ['diskRefused'],
    message: 'the disk does not take the output in …/log: EFBIG: file too large, write',
    droppedBytes: 0,
    lostBytes: 0,
    last: 'closed',
  });
});

test.skipIf(!canMount)('on a full disk a tail lets its oldest go and goes on', async () => {
  const result = await onSmallDisk();
  expect(result).toMatchObject({ codes: [], outputBytes: 3072 * KIB, last: 'closed', isStoredExact: true });
  const { readBytes, lostBytes, droppedBytes } = result as Record<string, number>;
  expect([(readBytes ?? 0) + (lostBytes ?? 0), lostBytes]).toEqual([3072 * KIB, droppedBytes]);
});

test.skipIf(!canMount).each([['fail'], ['block', '--follow']])(
  'on a full disk a log that may drop nothing refuses: %s',
  async (...args) => {
    const result = await onSmallDisk('--atQuota', ...args);
    expect(result).toMatchObject({
      codes: ['diskRefused'],
      message: 'the disk that holds …/log is full: ENOSPC: no space left on device, write',
      droppedBytes: 0,
      lostBytes: 0,
      last: 'closed',
    });
    const { readBytes, outputBytes } = result as Record<string, number>;
    expect(readBytes).toBe(outputBytes);
  },
);

test.skipIf(!canMount)('on a full disk no more ended jobs lose their output than need be', async () => {
  // Half of the disk is theirs, and the log needs an eighth of it and the heads of its records.
  expect(await onSmallDisk('--ended', '4', '--atQuota', 'fail')).toMatchObject({
    codes: [],
    droppedBytes: 0,
    readBytes: 640 * KIB,
    files: 1 + 2,
    isStoredExact: true,
  });
});

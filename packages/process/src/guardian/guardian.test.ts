import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openProcessTable } from '../process-table-source.ts';
import { treeMarkers } from '../tree-marker.ts';
import { Guardian, type GuardianOptions } from './guardian.ts';
import type { Ward } from './ward.ts';

interface Setup extends AsyncDisposable {
  readonly guardian: Guardian;
  readonly folder: string;
  /** A process of ours that nobody but the guardian will end, as a ward. */
  sleeper(change?: Partial<Ward>): Promise<Ward>;
}

async function setUp(options: Partial<GuardianOptions> = {}): Promise<Setup> {
  await using parts = new AsyncDisposableStack();
  const { path } = parts.use(await mkdtempDisposable(join(tmpdir(), 'guardian-')));
  const guardian = parts.use(new Guardian({ instanceId: 'test', journalFolder: path, ...options }));
  const source = openProcessTable('test', 'foreign');
  const own: AsyncDisposable = parts.move();
  return {
    guardian,
    folder: path,
    async sleeper(change = {}) {
      const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore', env: {} });
      await once(child, 'spawn');
      child.unref();
      const identity = await source.identify(child.pid ?? 0);
      if (identity === undefined) throw new Error('the sleeper is gone');
      const { pid, startTime } = identity;
      return { id: `tree-${pid}`, pid, startTime, isNamespace: false, ...change };
    },
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}

test('what is in its care ends with its input, and its journal goes', async () => {
  await using setup = await setUp();
  await setup.guardian.start();
  const one = await setup.sleeper();
  const other = await setup.sleeper();
  await setup.guardian.add(one);
  await setup.guardian.add(other);
  expect(await readdir(setup.folder)).toHaveLength(1);
  await setup.guardian[Symbol.asyncDispose]();
  await Promise.all([untilDead(one.pid), untilDead(other.pid)]);
  expect(await readdir(setup.folder)).toEqual([]);
});

test('what was taken out of its care is left alone, and so is a stranger with the pid of a ward', async () => {
  await using setup = await setUp();
  await setup.guardian.start();
  const removed = await setup.sleeper();
  const stranger = await setup.sleeper();
  await setup.guardian.add(removed);
  await setup.guardian.add({ ...stranger, startTime: stranger.startTime - 1 });
  setup.guardian.remove(removed.id);
  await setup.guardian[Symbol.asyncDispose]();
  expect([isAlive(removed.pid), isAlive(stranger.pid)]).toEqual([true, true]);
  for (const { pid } of [removed, stranger]) process.kill(pid, 'SIGKILL');
});

test('one that is killed is followed by another that knows what the first one knew', async () => {
  await using setup = await setUp();
  await setup.guardian.start();
  const before = await setup.sleeper();
  await setup.guardian.add(before);
  const firstPid = setup.guardian.pid;
  process.kill(firstPid, 'SIGKILL');
  await untilDead(firstPid);
  const after = await setup.sleeper();
  await setup.guardian.add(after);
  expect(setup.guardian.restarts).toBe(1);
  expect(setup.guardian.pid).not.toBe(firstPid);
  expect(isAlive(before.pid)).toBe(true);
  await setup.guardian[Symbol.asyncDispose]();
  await Promise.all([untilDead(before.pid), untilDead(after.pid)]);
});

test('one that stands still counts as dead', async () => {
  await using setup = await setUp({ answerLimitMs: 1_000 });
  await setup.guardian.start();
  process.kill(setup.guardian.pid, 'SIGSTOP');
  await setup.guardian.add(await setup.sleeper());
  expect(setup.guardian.restarts).toBe(1);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('%s does not end it', async (signal) => {
  await using setup = await setUp();
  await setup.guardian.start();
  process.kill(setup.guardian.pid, signal);
  await setup.guardian.add(await setup.sleeper());
  expect(setup.guardian.restarts).toBe(0);
});

test('one that cannot start says why', async () => {
  await using setup = await setUp({ nodePath: '/bin/false' });
  await expect(setup.guardian.start()).rejects.toMatchObject({
    code: 'guardianUnavailable',
    message: expect.stringContaining('it ended with 1'),
  });
  await using missing = await setUp({ nodePath: '/no/such/node' });
  await expect(missing.guardian.start()).rejects.toMatchObject({
    code: 'guardianUnavailable',
    message: expect.stringContaining('ENOENT'),
  });
  await using unwritable = await setUp({ journalFolder: '/no/such/folder' });
  await expect(unwritable.guardian.start()).rejects.toMatchObject({
    code: 'guardianUnavailable',
    message: expect.stringContaining('/no/such/folder'),
  });
});

test('when it cannot be started again, nobody waits for ever, and later it may be there again', async () => {
  await using setup = await setUp();
  const node = join(setup.folder, 'node');
  const script = (line: string) => writeFile(node, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  await script(`exec ${process.execPath} "$@"`);
  await using guardian = new Guardian({ instanceId: 'test', journalFolder: setup.folder, nodePath: node });
  await guardian.start();
  await script('exit 3');
  const { pid } = guardian;
  process.kill(pid, 'SIGKILL');
  await untilDead(pid);
  await expect.poll(() => guardian.pid).toBe(0);
  const ward = await setup.sleeper();
  await expect(guardian.add(ward)).rejects.toMatchObject({ code: 'guardianUnavailable' });
  await script(`exec ${process.execPath} "$@"`);
  await guardian.add(ward);
});

test('one that cannot write down what it is taught has not started', async () => {
  await using setup = await setUp();
  const node = join(setup.folder, 'node');
  const script = (line: string) =>
    writeFile(node, `#!/bin/sh\n${line}\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
  await script('');
  await using guardian = new Guardian({ instanceId: 'test', journalFolder: setup.folder, nodePath: node });
  await guardian.start();
  // No file may grow beyond 1 KiB at most, as on a disk with little space: enough for the head of a journal.
  await script('ulimit -f 1');
  process.kill(guardian.pid, 'SIGKILL');
  const ward = await setup.sleeper({ id: 'x'.repeat(2_000) });
  await expect(guardian.add(ward)).rejects.toMatchObject({ code: 'guardianUnavailable' });
  process.kill(ward.pid, 'SIGKILL');
});

test('a command for the death of the executor that cannot be started keeps nobody from their end', async () => {
  await using setup = await setUp();
  await setup.guardian.start();
  const onDeath = { file: '/bin/true', args: ['x'.repeat(200_000)], env: {} };
  const ward = await setup.sleeper({ onDeath });
  await setup.guardian.add(ward);
  // Marked but not in its care, so it is ended last.
  const env = treeMarkers('test', 'stray');
  const stray = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore', env });
  await once(stray, 'spawn');
  const end = once(stray, 'exit');
  await setup.guardian[Symbol.asyncDispose]();
  await untilDead(ward.pid);
  expect(await end).toEqual([null, 'SIGKILL']);
});

test('the command for the death of the executor is run, in its own environment', async () => {
  await using setup = await setUp();
  await setup.guardian.start();
  const file = join(setup.folder, 'died');
  const ward = await setup.sleeper({
    onDeath: { file: '/bin/sh', args: ['-c', 'echo "$NAME" > "$1"', 'sh', file], env: { NAME: 'value' } },
  });
  await setup.guardian.add(ward);
  await setup.guardian[Symbol.asyncDispose]();
  expect(await readFile(file, 'utf8')).toBe('value\n');
});

import { mkdtempDisposable, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EndedLog } from './ended-log.ts';
import { OutputLog, type ReadableLog, type LogFault } from './output-log.ts';
import type { LogCursor } from './spool-reader.ts';
import type { NewPlainEntry, StoredEntry } from './stored-entry.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'log-'));
const onFault = ({ message }: LogFault): void => {
  throw new Error(message);
};
const now = () => new Date('2026-11-20T10:00:00.000Z');
const at = '2026-11-20T10:00:00.000Z';
const starting: NewPlainEntry = { type: 'state', state: { status: 'starting' } };
const closed: NewPlainEntry = { type: 'closed', outcome: { status: 'succeeded' }, drained: true };

/** An entry in short: its number, its kind or size, and its first byte. */
const brief = (entry: StoredEntry): unknown =>
  entry.type === 'output'
    ? [entry.seq, entry.offset, entry.data.length, entry.data[0]]
    : [entry.seq, entry.type];

async function readAll(log: ReadableLog, cursor: LogCursor, maxBytes = 100_000): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for (;;) {
    const entries = await log.read(cursor, maxBytes);
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

test('entries are numbered, dated and offset in the order in which they came', async () => {
  await using directory = await temporary();
  await using log = new OutputLog({ path: join(directory.path, 'log'), onFault, now });
  log.append(starting);
  log.appendOutput('stdout', Buffer.from('abc'));
  log.appendOutput('stderr', Buffer.from('de'));
  log.appendOutput('stdout', Buffer.alloc(0));
  log.append(closed);
  expect(await log.read({ afterSeq: 0 }, 1_000)).toEqual([
    { ...starting, seq: 1, at },
    { type: 'output', seq: 2, offset: 0, stream: 'stdout', data: Buffer.from('abc') },
    { type: 'output', seq: 3, offset: 3, stream: 'stderr', data: Buffer.from('de') },
    { ...closed, seq: 4, at },
  ]);
  expect([log.lastSeq, log.outputBytes, log.isClosed]).toEqual([4, 5, true]);
});

test('memory and disk give the same entries from every place', async () => {
  const size = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 5_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 50_000, max: 300_000 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 1, max: 9 }),
      async (sizes, maxBytes, flushEvery) => {
        await using directory = await temporary();
        const path = join(directory.path, 'log');
        await using log = new OutputLog({ path, onFault, now });
        for (const [index, bytes] of sizes.entries()) {
          if (bytes === 0) log.append(starting);
          else log.appendOutput('stdout', Buffer.alloc(bytes, index));
          // Only what is on disk leaves the memory.
          if (index % flushEvery === 0) await log.settled();
        }
        const all = (await readAll(log, { afterSeq: 0 }, maxBytes)).map(brief);
        expect(all).toHaveLength(sizes.length);
        await log.settled();
        await using ended = await EndedLog.open(path, { lastSeq: log.lastSeq, outputBytes: log.outputBytes });
        for (let afterSeq = 0; afterSeq <= sizes.length; afterSeq += 3) {
          expect((await readAll(log, { afterSeq }, maxBytes)).map(brief)).toEqual(all.slice(afterSeq));
          expect((await readAll(ended, { afterSeq }, maxBytes)).map(brief)).toEqual(all.slice(afterSeq));
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('a reader that falls behind moves from memory to disk and back', async () => {
  await using directory = await temporary();
  await using log = new OutputLog({ path: join(directory.path, 'log'), onFault });
  const cursor: LogCursor = { afterSeq: 0 };
  const seen: StoredEntry[] = [];
  for (let round = 0; round < 12; round += 1) {
    for (let count = 0; count < 20; count += 1) log.appendOutput('stdout', Buffer.alloc(10_000, round));
    await log.settled();
    // A little less than what came, so that it is overtaken by what leaves the memory.
    seen.push(...(await log.read(cursor, 150_000)));
  }
  seen.push(...(await readAll(log, cursor)));
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 240 }, (_, index) => index + 1));
});

test('old entries are on disk only, recent ones need no disk', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using log = new OutputLog({ path, onFault });
  for (let count = 0; count < 40; count += 1) log.appendOutput('stdout', Buffer.alloc(20_000));
  await log.settled();
  log.append(starting);
  await log.settled();
  await truncate(path, 0);
  expect(await log.read({ afterSeq: 0 }, 1_000_000)).toEqual([]);
  expect((await log.read({ afterSeq: 35 }, 1_000_000)).map(({ seq }) => seq)).toEqual([
    36, 37, 38, 39, 40, 41,
  ]);
});

test('a byte of the output is found in memory and on disk', async () => {
  await using directory = await temporary();
  await using log = new OutputLog({ path: join(directory.path, 'log'), onFault });
  for (let count = 0; count < 100; count += 1) log.appendOutput('stdout', Buffer.alloc(10_000));
  expect((await log.read(await log.seek(995_000), 1)).map(({ seq }) => seq)).toEqual([100]);
  expect((await log.read(await log.seek(25_000), 1)).map(({ seq }) => seq)).toEqual([3]);
});

test('a log that is closed takes nothing more', async () => {
  await using directory = await temporary();
  await using log = new OutputLog({ path: join(directory.path, 'log'), onFault });
  log.append(closed);
  log.append(starting);
  log.appendOutput('stdout', Buffer.from('late'));
  expect((await log.read({ afterSeq: 0 }, 1_000)).map(brief)).toEqual([[1, 'closed']]);
  expect([log.lastSeq, log.outputBytes]).toEqual([1, 0]);
});

test('output beyond the quota is not kept, is told once, and other entries still come', async () => {
  await using directory = await temporary();
  const faults: string[] = [];
  await using log = new OutputLog({
    path: join(directory.path, 'log'),
    onFault: ({ message }) => faults.push(message),
    maxOutputBytes: 10,
  });
  log.appendOutput('stdout', Buffer.from('0123456789'));
  expect(faults).toEqual([]);
  log.appendOutput('stdout', Buffer.from('x'));
  log.appendOutput('stderr', Buffer.from('y'));
  log.append(closed);
  expect(faults).toEqual(['the job printed more than 10 bytes']);
  expect((await log.read({ afterSeq: 0 }, 1_000)).map(brief)).toEqual([
    [1, 0, 10, 0x30],
    [2, 'closed'],
  ]);
});

test('when the disk refuses, that is told once, and what came up to then can be read', async () => {
  await using directory = await temporary();
  const faults: LogFault[] = [];
  await using log = new OutputLog({
    path: join(directory.path, 'missing/log'),
    onFault: (fault) => faults.push(fault),
    maxOutputBytes: 100,
  });
  log.appendOutput('stdout', Buffer.from('before'));
  await log.settled();
  // A job that floods while it is being ended must not fill the memory.
  for (let count = 0; count < 50; count += 1) log.appendOutput('stdout', Buffer.alloc(10));
  log.append(closed);
  await log.settled();
  expect(faults).toEqual([{ code: 'diskRefused', message: expect.stringContaining('ENOENT') }]);
  expect((await readAll(log, { afterSeq: 0 })).map(brief)).toEqual([
    [1, 0, 6, 0x62],
    [2, 'closed'],
  ]);
});

test('a waiter wakes at the next entry, at the end, and when its signal aborts', async () => {
  await using directory = await temporary();
  await using log = new OutputLog({ path: join(directory.path, 'log'), onFault });
  const abort = new AbortController();
  const aborted = log.changed(abort.signal);
  abort.abort();
  await aborted;
  for (const act of [() => log.appendOutput('stdout', Buffer.from('x')), () => log.append(closed)]) {
    const changed = log.changed();
    act();
    await expect(changed).resolves.toBeUndefined();
  }
});

test('a log goes on where an earlier one ended', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  {
    await using earlier = new OutputLog({ path, onFault });
    earlier.append(starting);
    earlier.appendOutput('stdout', Buffer.from('abc'));
  }
  await using found = await EndedLog.open(path, { lastSeq: 0, outputBytes: 0 });
  {
    await using later = new OutputLog({ path, onFault, resumeAt: await found.end() });
    later.append(closed);
    expect([later.lastSeq, later.outputBytes]).toEqual([3, 3]);
  }
  await using ended = await EndedLog.open(path, { lastSeq: 3, outputBytes: 3 });
  expect((await readAll(ended, { afterSeq: 0 })).map(brief)).toEqual([
    [1, 'state'],
    [2, 0, 3, 0x61],
    [3, 'closed'],
  ]);
});

test('a loan keeps the file open beyond the log, and the last one closes it', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  const log = new OutputLog({ path, onFault });
  for (let count = 0; count < 40; count += 1) log.appendOutput('stdout', Buffer.alloc(20_000));
  await log.settled();
  log.append(closed);
  const [first, second] = [log.lend(), log.lend()];
  await log[Symbol.asyncDispose]();
  // Who holds the file open can read it also when it has no name any more.
  await rm(path);
  expect(await readAll(first.log, { afterSeq: 0 })).toHaveLength(41);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  expect(await readAll(second.log, { afterSeq: 0 })).toHaveLength(41);
  await second[Symbol.asyncDispose]();
  expect(await log.read({ afterSeq: 0 }, 1_000)).toEqual([]);
  await log[Symbol.asyncDispose]();
});

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { RETURN_GRACE_MS } from './demand.ts';
import { countLineEnds } from './line-ends.ts';
import { LogSpace } from './log-space.ts';
import { dataOf, drain, event, folderBytes, openLog, roomySpace, type TestLog } from './test-log.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const whole = Buffer.alloc(64 * KIB, 'x');

/** Prints until the log is to wait for a follower. */
async function fill({ log }: TestLog): Promise<void> {
  while (!log.isBlocked) {
    log.appendOutput('stdout', [whole]);
    if (log.isFull) await log.settled();
  }
}

/** Prints so much, and lets the disk follow. */
async function print({ log }: TestLog, bytes: number): Promise<void> {
  for (let printed = 0; printed < bytes; printed += whole.length) {
    log.appendOutput('stdout', [whole.subarray(0, bytes - printed)]);
    await log.settled();
  }
}

test('a tail is kept within its quota, and what was dropped is counted exactly', async () => {
  const text = fc.array(fc.constantFrom('a line\n', 'no end ', '\n\n\n', 'x'.repeat(3_000)), {
    minLength: 1,
  });
  const print = fc.record({ text, times: fc.integer({ min: 1, max: 400 }), isSettled: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(print, { maxLength: 40 }),
      fc.constantFrom(20, 1_000, 30_000, Number.POSITIVE_INFINITY),
      async (prints, maxLines) => {
        await using opened = await openLog({ space: roomySpace(0), retention: { maxBytes: MIB, maxLines } });
        const { log, folder, space } = opened;
        const all: Buffer[] = [];
        for (const { text, times, isSettled } of prints) {
          const data = Buffer.from(text.join('').repeat(times)).subarray(0, 64 * KIB);
          all.push(data);
          log.appendOutput('stderr', [data]);
          log.append(event);
          if (isSettled || log.isFull) await log.settled();
          expect(log.counts.storedBytes).toBeLessThanOrEqual(MIB);
          expect(await folderBytes(folder)).toBeLessThanOrEqual(MIB);
        }
        await log.settled();
        const printed = Buffer.concat(all);
        const { counts, firstOffset } = log;
        const dropped = printed.subarray(0, firstOffset);
        expect(counts).toEqual({
          outputBytes: printed.length,
          droppedBytes: dropped.length,
          droppedLines: countLineEnds(dropped),
          invalidBytes: 0,
          storedBytes: await folderBytes(folder),
        });
        expect([space.diskBytes, space.dropped]).toEqual([
          counts.storedBytes,
          { bytes: counts.droppedBytes, lines: counts.droppedLines },
        ]);
        expect(countLineEnds(printed.subarray(firstOffset))).toBeLessThanOrEqual(maxLines);
        await using reader = log.reader({ afterSeq: log.firstSeq - 1 });
        expect(dataOf(await drain(reader)).equals(printed.subarray(firstOffset))).toBe(true);
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
});

test('a tail keeps within its quota on disk however fast it is printed', async () => {
  const maxBytes = 8 * MIB;
  await using opened = await openLog({ retention: { maxBytes } });
  const { log, folder } = opened;
  // Its lines take longer to count than it takes to write.
  const lines = Buffer.alloc(64 * KIB, 'ab\n');
  let mostBytes = 0;
  for (let count = 0; count < 1_024; count += 1) {
    log.appendOutput('stdout', [lines]);
    if (log.isFull) await log.ready();
    if (count % 16 === 0) mostBytes = Math.max(mostBytes, await folderBytes(folder));
    expect(log.counts.storedBytes).toBeLessThanOrEqual(maxBytes);
  }
  expect(mostBytes).toBeLessThanOrEqual(maxBytes);
  // Nor is it so eager that little is kept.
  expect(mostBytes).toBeGreaterThan(maxBytes / 2);
});

test('a log that blocks waits for the slowest, keeps what it has not consumed and goes on when it has', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: MIB } });
  const { log, folder, space, blocks } = opened;
  const slow = log.join(0);
  const fast = log.join(0);
  await fill(opened);
  fast.consumed(log.outputBytes);
  expect([log.isBlocked, log.isFull, space.blockedLogs, log.firstOffset]).toEqual([true, true, 1, 0]);
  await log.settled();
  expect(await folderBytes(folder)).toBeLessThanOrEqual(MIB);
  const ready = log.ready();
  slow.consumed(1);
  expect(log.isBlocked).toBe(true);
  slow.consumed(300 * KIB);
  await ready;
  expect([log.isBlocked, space.blockedLogs, blocks]).toEqual([false, 0, [true, false]]);
  // No more than was consumed is gone.
  expect(log.firstOffset).toBeGreaterThan(0);
  expect(log.firstOffset).toBeLessThanOrEqual(300 * KIB);
});

test('a log that blocks is a tail while nobody follows, and for one who comes later', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: MIB } });
  const { log, blocks } = opened;
  await print(opened, 3 * MIB);
  const { firstOffset } = log;
  expect([blocks, firstOffset]).toEqual([[], expect.any(Number)]);
  expect(firstOffset).toBeGreaterThan(2 * MIB);
  // One who has not seen what is gone already has the job wait for the rest.
  log.join(0);
  await fill(opened);
  expect(log.firstOffset).toBe(firstOffset);
});

test.each(['before', 'after'] as const)(
  'a follower that leaves for good %s the log is full is waited for no more',
  async (when) => {
    await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: MIB } });
    const { log, blocks } = opened;
    const consumer = log.join(0);
    if (when === 'after') await fill(opened);
    consumer.leave(false);
    await print(opened, 2 * MIB);
    expect([log.isBlocked, blocks]).toEqual([false, when === 'after' ? [true, false] : []]);
  },
);

test('a follower whose connection was lost is waited for as long as it may return', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: MIB } });
    const { log } = opened;
    const consumer = log.join(0);
    consumer.leave(true);
    await fill(opened);
    vi.advanceTimersByTime(RETURN_GRACE_MS - 1);
    expect([log.isBlocked, log.firstOffset]).toEqual([true, 0]);
    vi.advanceTimersByTime(1);
    await log.ready();
    expect(log.firstOffset).toBeGreaterThan(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a follower that returns goes on where it was, and nothing is dropped between', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: MIB } });
  const { log } = opened;
  const consumer = log.join(0);
  await fill(opened);
  consumer.leave(true);
  const back = log.join(100);
  expect([log.isBlocked, log.firstOffset]).toEqual([true, 0]);
  back.consumed(log.outputBytes);
  expect(log.isBlocked).toBe(false);
});

test('a log that is released waits for nobody from then on', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: MIB } });
  const { log, blocks } = opened;
  log.join(0);
  await fill(opened);
  log.release();
  await print(opened, 2 * MIB);
  expect([log.isBlocked, blocks]).toEqual([false, [true, false]]);
  expect(log.counts.storedBytes).toBeLessThanOrEqual(MIB);
});

test.each([
  [{ maxBytes: MIB }, 'the job printed more than is kept: 1048576 bytes'],
  [{ maxLines: 5_000 }, 'the job printed more than is kept: 1073741824 bytes or 5000 lines'],
])(
  'a log that fails at %j tells it once, keeps what it has and takes only what ends it',
  async (quota, message) => {
    await using opened = await openLog({ retention: { atQuota: 'fail', ...quota } });
    const { log, faults, folder } = opened;
    const lines = Buffer.alloc(
      64 * KIB,
      '63 characters and a line end make 64 bytes, which is a good size\n',
    );
    for (let count = 0; count < 64; count += 1) {
      log.appendOutput('stdout', [lines]);
      await log.settled();
    }
    log.append(event);
    expect(faults).toEqual([{ code: 'quotaExceeded', message }]);
    const { outputBytes, droppedBytes } = log.counts;
    expect(outputBytes).toBeLessThan(MIB);
    expect([droppedBytes, log.isFull]).toEqual([0, false]);
    await log.settled();
    expect(await folderBytes(folder)).toBeLessThanOrEqual(MIB);
    await using reader = log.reader({ afterSeq: 0 });
    const entries = await drain(reader);
    expect([dataOf(entries).length, entries.at(-1)?.type]).toEqual([outputBytes, 'event']);
  },
);

test('all logs together keep within the disk: ended jobs give way first, then each its oldest', async () => {
  const space = new LogSpace({ memoryBytes: 0, diskBytes: 2 * MIB });
  const ended = [300 * KIB, 300 * KIB];
  space.changeDisk(600 * KIB);
  space.reclaim = () => {
    const bytes = ended.pop();
    if (bytes === undefined) return undefined;
    space.changeDisk(-bytes);
    return Promise.resolve();
  };
  const retention = { maxBytes: 8 * MIB };
  await using one = await openLog({ space, retention });
  await using other = await openLog({ space, retention });
  await print(one, MIB);
  expect(ended).toHaveLength(2);
  await print(one, 800 * KIB);
  expect([ended, one.log.firstOffset]).toEqual([[], 0]);
  await print(other, 2 * MIB);
  expect([one.log.firstOffset, other.log.firstOffset]).toEqual([0, expect.any(Number)]);
  expect(other.log.firstOffset).toBeGreaterThan(MIB);
  expect((await folderBytes(one.folder)) + (await folderBytes(other.folder))).toBe(space.diskBytes);
  expect(space.diskBytes).toBeLessThanOrEqual(2 * MIB);
});

test.each([1, 5, 20, 1_000])(
  'of %i lines at least the last third is kept, however they come',
  async (maxLines) => {
    for (const isAtOnce of [true, false]) {
      await using opened = await openLog({ space: roomySpace(0), retention: { maxLines } });
      const { log } = opened;
      const lines = Array.from({ length: maxLines * 2 + 1 }, (_, index) => `line ${index}\n`);
      for (const text of isAtOnce ? [lines.join('')] : lines) {
        opened.print(text);
        if (maxLines < 100) await log.settled();
      }
      await log.settled();
      await using reader = log.reader({ offset: log.firstOffset });
      const kept = dataOf(await drain(reader)).toString();
      const count = kept.split('\n').length - 1;
      expect(count).toBeLessThanOrEqual(maxLines);
      expect(count).toBeGreaterThanOrEqual(maxLines / 3);
      expect(kept).toBe(lines.slice(-count).join(''));
      expect(log.counts.droppedLines).toBe(lines.length - count);
    }
  },
);

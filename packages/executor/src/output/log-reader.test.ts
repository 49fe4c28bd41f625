import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogProgram, step } from './test-log-program.ts';
import { dataOf, drain, event, next, openLog, roomySpace } from './test-log.ts';

const KIB = 1024;

test.each([0, 4 * KIB, 600 * KIB, 1024 ** 3])(
  'with %i bytes of memory for logs, every reader sees all that is kept, and what it misses as a gap',
  async (memoryBytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.integer({ min: 400 * KIB, max: 4096 * KIB }),
        async (steps, maxBytes) => {
          await using opened = await openLog({ space: roomySpace(memoryBytes), retention: { maxBytes } });
          await new LogProgram(opened).run(steps);
          expect(opened.faults).toEqual([]);
        },
      ),
      // A run of files and timers does not repeat, so there is nothing to shrink.
      { numRuns: 10, endOnFailure: true },
    );
  },
);

test('what is appended while a reader looks for its place is no gap', async () => {
  for (let microtasks = 0; microtasks < 20; microtasks += 1) {
    await using opened = await openLog();
    await using reader = opened.log.reader({ afterSeq: 0 });
    const loading = reader.load();
    for (let count = 0; count < microtasks; count += 1) await Promise.resolve();
    opened.print('first');
    await loading;
    expect(await next(reader)).toMatchObject({ type: 'output', seq: 1 });
  }
});

test('what leaves memory while a reader looks for its place on disk is found there', async () => {
  const space = roomySpace(0);
  await using opened = await openLog({ space });
  await using other = await openLog({ space });
  const { log } = opened;
  const whole = Buffer.alloc(64 * KIB, 'x');
  // Four of these fill a slab, but for the first.
  for (let count = 0; count < 49; count += 1) log.appendOutput('stdout', [whole]);
  await log.settled();
  const afterSeq = log.lastSeq;
  log.appendOutput('stdout', [whole]);
  // Memory is short, so what is wanted becomes the first that is in memory, and may have begun before.
  for (let count = 0; count < 2; count += 1) other.log.appendOutput('stdout', [whole]);
  await using reader = log.reader({ afterSeq });
  const state = { isLoading: true };
  const loading = reader.load().finally(() => (state.isLoading = false));
  while (state.isLoading) {
    for (let count = 0; count < 8; count += 1) log.appendOutput('stdout', [whole]);
    await log.settled();
  }
  await loading;
  expect(await next(reader)).toMatchObject({ type: 'output', seq: afterSeq + 1 });
});

test('the place of a reader that begins with a gap is before the gap until that is passed', async () => {
  await using opened = await openLog({ space: roomySpace(0), retention: { maxBytes: 512 * KIB } });
  const { log } = opened;
  for (let count = 0; count < 20; count += 1) {
    log.appendOutput('stdout', [Buffer.alloc(64 * KIB)]);
    await log.settled();
  }
  const { firstSeq, firstOffset } = log;
  expect(firstOffset).toBeGreaterThan(0);
  await using reader = log.reader({ offset: 1000 });
  await reader.load();
  const gap = { type: 'gap', fromSeq: 1, firstSeq, lostBytes: firstOffset - 1000 };
  expect([reader.peek(), reader.afterSeq, reader.offset]).toEqual([gap, 0, 1000]);
  reader.advance();
  expect([reader.afterSeq, reader.offset]).toEqual([firstSeq - 1, firstOffset]);
  expect(dataOf(await drain(reader)).length).toBe(log.outputBytes - firstOffset);
});

test('a reader that has not looked yet shows nothing and passes nothing', async () => {
  await using opened = await openLog();
  opened.print('a');
  await using reader = opened.log.reader({ afterSeq: 0 });
  expect(reader.peek()).toBeUndefined();
  reader.advance();
  expect([reader.afterSeq, reader.offset]).toEqual([0, 0]);
});

test('a reader at the end shows nothing until something comes', async () => {
  await using opened = await openLog();
  opened.print('a');
  await using reader = opened.log.reader({ afterSeq: 1 });
  expect([await reader.load(), reader.peek()]).toEqual([false, undefined]);
  reader.advance();
  expect([reader.afterSeq, reader.offset]).toEqual([1, 1]);
  opened.log.append(event);
  expect([reader.peek()?.type, await reader.load()]).toEqual(['event', true]);
});

test('what is looked at twice is the same', async () => {
  await using opened = await openLog();
  opened.log.append(event);
  await using reader = opened.log.reader({ afterSeq: 0 });
  await reader.load();
  expect(reader.peek()).toBe(reader.peek());
});

test('a segment that somebody has deleted is a gap, and what follows is read', async () => {
  await using opened = await openLog({ space: roomySpace(0), retention: { maxBytes: 1024 * KIB } });
  const { log, folder } = opened;
  for (let count = 0; count < 8; count += 1) {
    log.appendOutput('stdout', [Buffer.alloc(40 * KIB, String(count))]);
    await log.settled();
  }
  const names = (await readdir(folder)).toSorted((one, other) => parseInt(one, 10) - parseInt(other, 10));
  await rm(join(folder, names[2] ?? ''));
  await using reader = log.reader({ afterSeq: 0 });
  const entries = await drain(reader);
  expect(entries[2]).toEqual({ type: 'gap', fromSeq: 3, firstSeq: 4, lostBytes: 40 * KIB });
  expect(entries).toHaveLength(8);
  expect(entries.slice(3)).toMatchObject([4, 5, 6, 7, 8].map((seq) => ({ type: 'output', seq })));
});

test('an entry that was shown is passed, though it has left memory meanwhile', async () => {
  await using opened = await openLog({ space: roomySpace(0) });
  const { log } = opened;
  log.append(event);
  log.append(event);
  await using reader = log.reader({ afterSeq: 0 });
  await reader.load();
  expect(reader.peek()).toMatchObject({ seq: 1 });
  // Whoever was shown it waits until it can be sent; until then more is printed than memory holds.
  for (let count = 0; count < 20; count += 1) log.appendOutput('stdout', [Buffer.alloc(64 * KIB)]);
  await log.settled();
  log.appendOutput('stdout', [Buffer.alloc(64 * KIB)]);
  expect(reader.peek()).toMatchObject({ seq: 1 });
  reader.advance();
  expect(await next(reader)).toMatchObject({ seq: 2 });
});

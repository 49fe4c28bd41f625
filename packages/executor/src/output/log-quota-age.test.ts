import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drain, openLog, roomySpace } from './test-log.ts';

const start = Date.parse('2026-11-21T12:00:00.000Z');
const maxAgeMs = 16_000;
const at = (ms: number): void => {
  vi.setSystemTime(start + ms);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  at(0);
});
afterEach(() => {
  vi.useRealTimers();
});

test('output is dropped when it is too old, and none that is younger', async () => {
  await using opened = await openLog({ retention: { maxAgeMs } });
  const { log, print } = opened;
  const printedAt: number[] = [];
  for (let now = 0; now < 100_000; now += 500) {
    at(now);
    print('line\n');
    printedAt.push(now);
    await log.settled();
    log.sweep();
    const oldest = printedAt[log.firstSeq - 1] ?? now;
    const lastDropped = printedAt[log.firstSeq - 2] ?? now - maxAgeMs - 1;
    expect(lastDropped).toBeLessThan(now - maxAgeMs);
    // In pieces of a sixteenth of that time, each begun by the first print after a sweep.
    expect(oldest).toBeGreaterThanOrEqual(now - maxAgeMs * 1.2);
  }
});

test('a log that has printed nothing for so long is empty, goes on, and says what is gone', async () => {
  await using opened = await openLog({ space: roomySpace(0), retention: { maxAgeMs } });
  const { log, print } = opened;
  print('one\n', 'two\n');
  await log.settled();
  at(maxAgeMs);
  log.sweep();
  expect(log.firstSeq).toBe(1);
  at(maxAgeMs + 1);
  log.sweep();
  await log.settled();
  expect([log.firstSeq, log.firstOffset, log.counts]).toEqual([
    3,
    8,
    { outputBytes: 8, droppedBytes: 8, droppedLines: 2, invalidBytes: 0, storedBytes: 0 },
  ]);
  print('three\n');
  await using reader = log.reader({ afterSeq: 2, afterOffset: 8 });
  expect(await drain(reader)).toMatchObject([{ seq: 3, offset: 8 }]);
});

test('what is not on disk yet is not dropped, however old', async () => {
  await using opened = await openLog({ retention: { maxAgeMs } });
  const { log, print } = opened;
  print('one\n');
  at(maxAgeMs * 2);
  log.sweep();
  expect(log.firstSeq).toBe(1);
  await log.settled();
  log.sweep();
  expect(log.firstSeq).toBe(2);
});

test('age counts also for what a follower has not consumed', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxAgeMs } });
  const { log, print } = opened;
  log.join(0);
  print('one\n');
  await log.settled();
  at(maxAgeMs + 1);
  log.sweep();
  expect(log.firstSeq).toBe(2);
});

test('a log without an age drops nothing for it', async () => {
  await using opened = await openLog();
  const { log, print } = opened;
  print('one\n');
  await log.settled();
  at(1e12);
  log.sweep();
  print('two\n');
  await log.settled();
  log.sweep();
  expect(log.firstSeq).toBe(1);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from './pace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** How long a follower that cannot keep up is waited for. */
const PATIENCE_MS = 50;

/** A pace, and how often it has told that output may go on. */
function keepPace(): { pace: Pace; changes: () => number } {
  let count = 0;
  const pace = new Pace(() => (count += 1));
  return { pace, changes: () => count };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('output runs ahead of nobody when nobody follows', () => {
  const { pace } = keepPace();
  expect([pace.isAhead(1024 * MIB), pace.isResting()]).toEqual([false, false]);
});

test('output that is ahead of one that keeps up rests until that one is near', () => {
  const { pace, changes } = keepPace();
  const runner = pace.join(0);
  expect([pace.isAhead(MIB), pace.isAhead(MIB + 1)]).toEqual([false, true]);
  expect(pace.isResting()).toBe(true);
  runner.sent(100 * KIB);
  expect([changes(), pace.isResting()]).toEqual([0, true]);
  runner.sent(512 * KIB + 1);
  expect([changes(), pace.isResting(), vi.getTimerCount()]).toEqual([1, false, 0]);
});

test('one that cannot keep up is waited for once, for a moment', () => {
  const { pace, changes } = keepPace();
  const slow = pace.join(0);
  expect([pace.isAhead(2 * MIB), pace.isResting()]).toEqual([true, true]);
  vi.advanceTimersByTime(PATIENCE_MS);
  expect([changes(), pace.isResting(), pace.isAhead(9 * MIB)]).toEqual([1, false, false]);
  slow.sent(4 * MIB);
  expect(pace.isAhead(9 * MIB)).toBe(false);
  // It has caught up, so it counts again.
  slow.sent(9 * MIB);
  expect([pace.isAhead(9 * MIB), pace.isAhead(11 * MIB)]).toEqual([false, true]);
});

test('a slow one does not take the time of one that keeps up', () => {
  const { pace } = keepPace();
  pace.join(0);
  const fast = pace.join(0);
  pace.isAhead(2 * MIB);
  pace.isResting();
  fast.sent(2 * MIB);
  expect(pace.isResting()).toBe(true);
  vi.advanceTimersByTime(PATIENCE_MS);
  expect(pace.isResting()).toBe(false);
  expect([pace.isAhead(3 * MIB), pace.isAhead(3 * MIB + 1)]).toEqual([false, true]);
});

test('one that begins far behind lags from the start, and one that is gone is not waited for', () => {
  const { pace, changes } = keepPace();
  pace.isAhead(9 * MIB);
  pace.join(0);
  expect(pace.isAhead(20 * MIB)).toBe(false);
  const near = pace.join(20 * MIB);
  expect([pace.isAhead(22 * MIB), pace.isResting()]).toEqual([true, true]);
  near.leave();
  expect([changes(), pace.isResting(), vi.getTimerCount()]).toEqual([1, false, 0]);
});

test('a pace that is over waits for nobody', () => {
  const { pace } = keepPace();
  pace.join(0);
  pace.isAhead(2 * MIB);
  pace.isResting();
  pace[Symbol.dispose]();
  expect([pace.isAhead(9 * MIB), vi.getTimerCount()]).toEqual([false, 0]);
});

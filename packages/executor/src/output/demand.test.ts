import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Demand, RETURN_GRACE_MS } from './demand.ts';

/** What is demanded, and how often that was told to have changed. */
function watch(): { demand: Demand; changes: () => number } {
  let count = 0;
  const demand = new Demand(() => (count += 1));
  return { demand, changes: () => count };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the slowest counts, and nobody when there is none', () => {
  const { demand } = watch();
  expect(demand.floor).toBeUndefined();
  const one = demand.join(10);
  const other = demand.join(4);
  expect(demand.floor).toBe(4);
  other.consumed(20);
  expect(demand.floor).toBe(10);
  one.leave(false);
  expect(demand.floor).toBe(20);
  other.leave(false);
  expect(demand.floor).toBeUndefined();
});

test('what was consumed stays consumed, and only what is new is told', () => {
  const { demand, changes } = watch();
  const consumer = demand.join(10);
  consumer.consumed(9);
  consumer.consumed(10);
  expect([demand.floor, changes()]).toEqual([10, 0]);
  consumer.consumed(11);
  expect([demand.floor, changes()]).toEqual([11, 1]);
});

test('one who is gone for good asks for nothing and can say nothing any more', () => {
  const { demand, changes } = watch();
  const consumer = demand.join(0);
  consumer.leave(false);
  expect(changes()).toBe(1);
  consumer.consumed(5);
  consumer.leave(true);
  consumer.leave(false);
  expect([demand.floor, changes(), vi.getTimerCount()]).toEqual([undefined, 1, 0]);
});

test('the place of one who may return is kept for its time', () => {
  const { demand, changes } = watch();
  demand.join(3).leave(true);
  vi.advanceTimersByTime(RETURN_GRACE_MS - 1);
  expect([demand.floor, changes()]).toEqual([3, 0]);
  vi.advanceTimersByTime(1);
  expect([demand.floor, changes()]).toEqual([undefined, 1]);
});

test('leaving twice does not make the time longer, and leaving for good ends it', () => {
  const { demand } = watch();
  const consumer = demand.join(3);
  consumer.leave(true);
  vi.advanceTimersByTime(RETURN_GRACE_MS / 2);
  consumer.leave(true);
  vi.advanceTimersByTime(RETURN_GRACE_MS / 2);
  expect(demand.floor).toBeUndefined();
  const impatient = demand.join(3);
  impatient.leave(true);
  impatient.leave(false);
  expect([demand.floor, vi.getTimerCount()]).toEqual([undefined, 0]);
});

test('what was on its way when one left still counts as consumed', () => {
  const { demand } = watch();
  const consumer = demand.join(3);
  consumer.leave(true);
  consumer.consumed(7);
  expect(demand.floor).toBe(7);
});

test('one who comes back takes the place that is nearest before it, and leaves the others theirs', () => {
  const { demand } = watch();
  const gone = [2, 5, 9].map((offset) => demand.join(offset));
  for (const consumer of gone) consumer.leave(true);
  const back = demand.join(7);
  expect(vi.getTimerCount()).toBe(2);
  back.consumed(100);
  expect(demand.floor).toBe(2);
  vi.advanceTimersByTime(RETURN_GRACE_MS);
  expect(demand.floor).toBe(100);
});

test('one who begins before all who are gone is not one of them', () => {
  const { demand } = watch();
  demand.join(5).leave(true);
  demand.join(4).consumed(50);
  expect(demand.floor).toBe(5);
});

test('one who is there keeps its place when another begins after it', () => {
  const { demand } = watch();
  demand.join(5);
  demand.join(8).leave(false);
  expect(demand.floor).toBe(5);
});

test('a demand that is over has no timers and asks for nothing', () => {
  const { demand, changes } = watch();
  const consumer = demand.join(1);
  demand.join(2).leave(true);
  demand[Symbol.dispose]();
  consumer.leave(true);
  expect([demand.floor, changes(), vi.getTimerCount()]).toEqual([undefined, 0, 0]);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JobClocks } from './job-clocks.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** Clocks, and which of them have run out. */
function createClocks(timeoutMs: number, idleTimeoutMs?: number) {
  const elapsed: string[] = [];
  return { clocks: new JobClocks({ timeoutMs, idleTimeoutMs }, (which) => elapsed.push(which)), elapsed };
}

test('a job that goes on printing runs out of its total time', () => {
  const { clocks, elapsed } = createClocks(1_000, 100);
  for (let time = 0; time < 950; time += 50) {
    vi.advanceTimersByTime(50);
    clocks.touch();
  }
  expect(elapsed).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(elapsed).toEqual(['total']);
});

test('a job that prints nothing runs out of its idle time', () => {
  const { elapsed } = createClocks(1_000, 100);
  vi.advanceTimersByTime(100);
  expect(elapsed).toEqual(['idle']);
});

test('without an idle time a job may be silent', () => {
  const { elapsed } = createClocks(1_000);
  vi.advanceTimersByTime(999);
  expect(elapsed).toEqual([]);
});

test('a paused job runs out of nothing, and goes on where it was', () => {
  const { clocks, elapsed } = createClocks(1_000, 500);
  vi.advanceTimersByTime(400);
  clocks.pause();
  vi.advanceTimersByTime(100_000);
  expect(elapsed).toEqual([]);
  clocks.resume();
  vi.advanceTimersByTime(99);
  expect(elapsed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(elapsed).toEqual(['idle']);
});

test('when the job is over no clock is left', () => {
  const { clocks } = createClocks(1_000, 500);
  clocks[Symbol.dispose]();
  // A resume that was under way when the job ended comes too late.
  clocks.resume();
  expect(vi.getTimerCount()).toBe(0);
});

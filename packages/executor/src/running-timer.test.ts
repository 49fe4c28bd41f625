import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunningTimer } from './running-timer.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** A timer, and how often it has elapsed. */
function createTimer(durationMs: number) {
  const onElapsed = vi.fn<() => void>();
  return { timer: new RunningTimer(durationMs, onElapsed), elapsed: () => onElapsed.mock.calls.length };
}

test('nothing runs before it is let run', () => {
  const { elapsed } = createTimer(100);
  vi.advanceTimersByTime(1_000);
  expect(elapsed()).toBe(0);
});

test('it elapses once, when the time has run', () => {
  const { timer, elapsed } = createTimer(100);
  timer.resume();
  vi.advanceTimersByTime(99);
  expect(elapsed()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(elapsed()).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(elapsed()).toBe(1);
});

test('time that stands still does not count, however often', () => {
  const { timer, elapsed } = createTimer(100);
  for (let round = 0; round < 4; round += 1) {
    timer.resume();
    vi.advanceTimersByTime(20);
    timer.pause();
    vi.advanceTimersByTime(5_000);
  }
  timer.resume();
  vi.advanceTimersByTime(19);
  expect(elapsed()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(elapsed()).toBe(1);
});

test('resuming what runs and pausing what stands still change nothing', () => {
  const { timer, elapsed } = createTimer(100);
  timer.resume();
  vi.advanceTimersByTime(60);
  timer.resume();
  timer.pause();
  timer.pause();
  timer.resume();
  vi.advanceTimersByTime(40);
  expect(elapsed()).toBe(1);
});

test('a touch lets the whole time run again', () => {
  const { timer, elapsed } = createTimer(100);
  timer.resume();
  for (let round = 0; round < 10; round += 1) {
    vi.advanceTimersByTime(90);
    timer.touch();
  }
  expect(elapsed()).toBe(0);
  vi.advanceTimersByTime(99);
  expect(elapsed()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(elapsed()).toBe(1);
});

test('a touch while it stands still does not let it run', () => {
  const { timer, elapsed } = createTimer(100);
  timer.resume();
  vi.advanceTimersByTime(90);
  timer.pause();
  timer.touch();
  vi.advanceTimersByTime(1_000);
  expect(elapsed()).toBe(0);
  timer.resume();
  vi.advanceTimersByTime(99);
  expect(elapsed()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(elapsed()).toBe(1);
});

test('many touches leave one timer', () => {
  const { timer } = createTimer(100);
  timer.resume();
  for (let round = 0; round < 50; round += 1) {
    vi.advanceTimersByTime(50);
    timer.touch();
  }
  expect(vi.getTimerCount()).toBe(1);
});

test.each<[what: string, act: (timer: RunningTimer) => void]>([
  ['that is disposed', (timer) => timer[Symbol.dispose]()],
  ['that has elapsed', () => vi.advanceTimersByTime(100)],
])('a timer %s is over, whatever is asked of it later', (_what, act) => {
  const { timer, elapsed } = createTimer(100);
  timer.resume();
  act(timer);
  const before = elapsed();
  timer.pause();
  timer.touch();
  timer.resume();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(elapsed()).toBe(before);
});

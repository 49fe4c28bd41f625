import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JobClocks } from './job-clocks.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** Clocks of an attempt whose process is being made, and which of them have run out. */
function createStarting(timeoutMs: number, idleTimeoutMs?: number) {
  const elapsed: string[] = [];
  const limits = { startTimeoutMs: 300, timeoutMs, idleTimeoutMs };
  const clocks = new JobClocks(limits, (which) => elapsed.push(which));
  clocks.starting();
  return { clocks, elapsed };
}

/** Clocks of an attempt that has begun its work. */
function createRunning(timeoutMs: number, idleTimeoutMs?: number) {
  const created = createStarting(timeoutMs, idleTimeoutMs);
  created.clocks.running();
  created.clocks.begun();
  return created;
}

test('a job that goes on printing runs out of its total time', () => {
  const { clocks, elapsed } = createRunning(1_000, 100);
  for (let time = 0; time < 950; time += 50) {
    vi.advanceTimersByTime(50);
    clocks.touch();
  }
  expect(elapsed).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(elapsed).toEqual(['total']);
});

test('a job that prints nothing runs out of its idle time', () => {
  const { elapsed } = createRunning(1_000, 100);
  vi.advanceTimersByTime(100);
  expect(elapsed).toEqual(['idle']);
});

test('without an idle time a job may be silent', () => {
  const { elapsed } = createRunning(1_000);
  vi.advanceTimersByTime(999);
  expect(elapsed).toEqual([]);
});

test('a job whose process is not there in time runs out of its time to start', () => {
  const { elapsed } = createStarting(1_000, 100);
  vi.advanceTimersByTime(299);
  expect(elapsed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(elapsed).toEqual(['start']);
});

test('a job whose process is there and does not begin runs out of its time to start', () => {
  const { clocks, elapsed } = createStarting(1_000);
  vi.advanceTimersByTime(200);
  clocks.running();
  clocks.touch();
  vi.advanceTimersByTime(100);
  expect(elapsed).toEqual(['start']);
});

test('a job that has begun once does not have to begin again', () => {
  const { clocks, elapsed } = createRunning(1_000);
  vi.advanceTimersByTime(500);
  clocks.begun();
  vi.advanceTimersByTime(499);
  expect(elapsed).toEqual([]);
});

test('waiting for a turn to start costs no time', () => {
  const elapsed: string[] = [];
  const limits = { startTimeoutMs: 300, timeoutMs: 400, idleTimeoutMs: 100 };
  using _clocks = new JobClocks(limits, (which) => elapsed.push(which));
  vi.advanceTimersByTime(100_000);
  expect(elapsed).toEqual([]);
});

test('a job that has said all runs out of its time to exit only, however little time it had left', () => {
  const { clocks, elapsed } = createRunning(1_000, 100);
  clocks.settled(true);
  vi.advanceTimersByTime(9_999);
  clocks.settled(true);
  expect(elapsed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(elapsed).toEqual(['exit']);
});

test('a job that goes on after all has its times back, and all of its time to exit later', () => {
  const { clocks, elapsed } = createRunning(1_000);
  clocks.settled(true);
  vi.advanceTimersByTime(9_000);
  clocks.settled(false);
  vi.advanceTimersByTime(900);
  clocks.settled(true);
  vi.advanceTimersByTime(9_999);
  expect(elapsed).toEqual([]);
  clocks.settled(false);
  vi.advanceTimersByTime(100);
  expect(elapsed).toEqual(['total']);
});

test.each<[phase: string, reach: (clocks: JobClocks) => void, leftMs: number, which: string]>([
  ['starts', () => undefined, 300, 'start'],
  ['works', (clocks) => clocks.begun(), 500, 'idle'],
  ['exits', (clocks) => clocks.settled(true), 10_000, 'exit'],
])('a paused job that %s runs out of nothing, and goes on where it was', (_phase, reach, leftMs, which) => {
  const { clocks, elapsed } = createStarting(1_000, 500);
  clocks.running();
  if (which !== 'start') clocks.begun();
  reach(clocks);
  vi.advanceTimersByTime(200);
  clocks.pause();
  clocks.pause();
  vi.advanceTimersByTime(100_000);
  expect(elapsed).toEqual([]);
  clocks.resume();
  vi.advanceTimersByTime(leftMs - 201);
  expect(elapsed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(elapsed).toEqual([which]);
});

test('a phase that comes while the job is paused waits for it to be resumed', () => {
  const { clocks, elapsed } = createRunning(1_000);
  clocks.pause();
  clocks.settled(true);
  vi.advanceTimersByTime(100_000);
  expect(elapsed).toEqual([]);
  clocks.resume();
  vi.advanceTimersByTime(10_000);
  expect(elapsed).toEqual(['exit']);
});

test('when the job is over no clock is left', () => {
  const { clocks } = createRunning(1_000, 500);
  clocks[Symbol.dispose]();
  // A resume that was under way when the job ended comes too late.
  clocks.resume();
  clocks.settled(true);
  expect(vi.getTimerCount()).toBe(0);
});

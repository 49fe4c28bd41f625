import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IdleWatch } from './idle-watch.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** A watch over something that can be busy, and whether it has told that it is idle. */
function createWatch(idleMs: number | undefined) {
  const state = { isBusy: false, visits: 0, isIdle: false };
  const watch = new IdleWatch(
    idleMs,
    () => state,
    () => {
      state.isIdle = true;
    },
  );
  return { watch, state };
}

test('it tells when nothing has gone on for so long', () => {
  const { watch, state } = createWatch(10_000);
  using _ = watch;
  vi.advanceTimersByTime(9_999);
  expect(state.isIdle).toBe(false);
  vi.advanceTimersByTime(2_500);
  expect(state.isIdle).toBe(true);
});

test('a visit between two looks counts', () => {
  const { watch, state } = createWatch(10_000);
  using _ = watch;
  vi.advanceTimersByTime(9_000);
  state.visits += 1;
  vi.advanceTimersByTime(10_000);
  expect(state.isIdle).toBe(false);
  vi.advanceTimersByTime(5_000);
  expect(state.isIdle).toBe(true);
});

test('while something goes on it tells nothing, and after it the whole time counts', () => {
  const { watch, state } = createWatch(10_000);
  using _ = watch;
  vi.advanceTimersByTime(9_000);
  state.isBusy = true;
  vi.advanceTimersByTime(100_000);
  state.isBusy = false;
  vi.advanceTimersByTime(7_000);
  expect(state.isIdle).toBe(false);
  vi.advanceTimersByTime(6_000);
  expect(state.isIdle).toBe(true);
});

test('without a time it never tells', () => {
  const { watch, state } = createWatch(undefined);
  using _ = watch;
  vi.advanceTimersByTime(1e9);
  expect([state.isIdle, vi.getTimerCount()]).toEqual([false, 0]);
});

test('once disposed of it never tells', () => {
  const { watch, state } = createWatch(10_000);
  watch[Symbol.dispose]();
  vi.advanceTimersByTime(1e6);
  expect([state.isIdle, vi.getTimerCount()]).toEqual([false, 0]);
});

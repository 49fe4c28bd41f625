import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DetachWatch } from './detach-watch.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

function createWatch() {
  const onAbandoned = vi.fn<() => void>();
  return { watch: new DetachWatch(onAbandoned), abandoned: () => onAbandoned.mock.calls.length };
}

test('a job that nobody ever held is not abandoned', () => {
  const { watch, abandoned } = createWatch();
  vi.advanceTimersByTime(100_000);
  expect([watch.count, abandoned()]).toEqual([0, 0]);
});

test('a job is abandoned ten seconds after the last has gone', () => {
  const { watch, abandoned } = createWatch();
  const [first, second] = [watch.hold(), watch.hold()];
  first[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect([watch.count, abandoned()]).toEqual([1, 0]);
  second[Symbol.dispose]();
  vi.advanceTimersByTime(9_999);
  expect([watch.count, abandoned()]).toEqual([0, 0]);
  vi.advanceTimersByTime(1);
  expect(abandoned()).toBe(1);
});

test('who comes back in time keeps it, and the whole time counts again', () => {
  const { watch, abandoned } = createWatch();
  watch.hold()[Symbol.dispose]();
  vi.advanceTimersByTime(9_000);
  const back = watch.hold();
  vi.advanceTimersByTime(60_000);
  expect(abandoned()).toBe(0);
  back[Symbol.dispose]();
  vi.advanceTimersByTime(9_999);
  expect(abandoned()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(abandoned()).toBe(1);
});

test('a hold counts once, however often it is given up', () => {
  const { watch } = createWatch();
  const [first] = [watch.hold(), watch.hold()];
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(watch.count).toBe(1);
});

test('a job that has ended cannot be abandoned', () => {
  const { watch, abandoned } = createWatch();
  const [first, second] = [watch.hold(), watch.hold()];
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  watch[Symbol.dispose]();
  watch.hold()[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect([vi.getTimerCount(), abandoned()]).toEqual([0, 0]);
});

import { expect, test, vi } from 'vitest';
import { StopLadder } from './stop-ladder.ts';

function ladder() {
  const vacated = Promise.withResolvers<void>();
  const ask = vi.fn<() => Promise<void>>(async () => {});
  const kill = vi.fn<() => Promise<void>>(async () => vacated.resolve());
  return { ask, kill, vacated, ladder: new StopLadder({ ask, kill, vacated: vacated.promise }) };
}

test('who ends in time is not killed', async () => {
  const { ask, kill, vacated, ladder: stop } = ladder();
  const done = stop.climb(60_000);
  vacated.resolve();
  await done;
  expect([ask.mock.calls.length, kill.mock.calls.length]).toEqual([1, 0]);
});

test('who does not end in time is killed', async () => {
  const { ask, kill, ladder: stop } = ladder();
  await stop.climb(1);
  expect([ask.mock.calls.length, kill.mock.calls.length]).toEqual([1, 1]);
});

test('with no grace nobody is asked', async () => {
  const { ask, kill, ladder: stop } = ladder();
  await stop.climb(0);
  expect([ask.mock.calls.length, kill.mock.calls.length]).toEqual([0, 1]);
});

test('a later call can shorten the grace', async () => {
  const { ask, kill, ladder: stop } = ladder();
  const first = stop.climb(Number.POSITIVE_INFINITY);
  const second = stop.climb(600_000);
  await stop.climb(1);
  await Promise.all([first, second]);
  expect([ask.mock.calls.length, kill.mock.calls.length]).toEqual([1, 1]);
});

test('a later call cannot lengthen the grace', async () => {
  const { kill, ladder: stop } = ladder();
  const first = stop.climb(1);
  await stop.climb(Number.POSITIVE_INFINITY);
  await first;
  expect(kill).toHaveBeenCalledTimes(1);
});

test('when asking fails the kill follows at once', async () => {
  const { ask, kill, ladder: stop } = ladder();
  ask.mockRejectedValue(new Error('no table'));
  await stop.climb(Number.POSITIVE_INFINITY);
  expect(kill).toHaveBeenCalledTimes(1);
});

test('a kill that failed can be tried again', async () => {
  const { kill, ladder: stop } = ladder();
  kill.mockRejectedValueOnce(new Error('still alive'));
  await expect(stop.climb(0)).rejects.toThrow('still alive');
  expect(stop.isClimbing).toBe(false);
  await stop.climb(0);
  expect(kill).toHaveBeenCalledTimes(2);
});

test('a try after a failed one kills again, though nobody can be asked or leaves', async () => {
  const { ask, kill, ladder: stop } = ladder();
  ask.mockRejectedValueOnce(new Error('the table cannot be read'));
  kill.mockRejectedValueOnce(new Error('somebody is still alive'));
  await expect(stop.climb(1)).rejects.toThrow('somebody is still alive');
  await stop.climb(5);
  expect([ask.mock.calls.length, kill.mock.calls.length]).toEqual([2, 2]);
});

test('a try after a failed one has a grace of its own', async () => {
  const { kill, vacated, ladder: stop } = ladder();
  kill.mockRejectedValueOnce(new Error('still alive'));
  await expect(stop.climb(0)).rejects.toThrow('still alive');
  const again = stop.climb(Number.POSITIVE_INFINITY);
  vacated.resolve();
  await again;
  expect(kill).toHaveBeenCalledTimes(1);
});

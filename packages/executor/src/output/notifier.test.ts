import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Notifier } from './notifier.ts';

test('everybody who waits is woken, and who comes later waits for the next time', async () => {
  const notifier = new Notifier();
  const woken: string[] = [];
  const first = [notifier.wait().then(() => woken.push('a')), notifier.wait().then(() => woken.push('b'))];
  notifier.notify();
  const later = notifier.wait().then(() => woken.push('c'));
  await Promise.all(first);
  expect(woken).toEqual(['a', 'b']);
  notifier.notify();
  await later;
  expect(woken).toEqual(['a', 'b', 'c']);
});

test('an abort wakes its own waiter only', async () => {
  const notifier = new Notifier();
  const abort = new AbortController();
  const woken: string[] = [];
  const other = notifier.wait().then(() => woken.push('other'));
  const aborted = notifier.wait(abort.signal).then(() => woken.push('aborted'));
  abort.abort();
  await aborted;
  expect(woken).toEqual(['aborted']);
  notifier.notify();
  await other;
});

test('with a signal that has aborted already nobody waits', async () => {
  await expect(new Notifier().wait(AbortSignal.abort())).resolves.toBeUndefined();
});

test('no listener stays on the signal', async () => {
  const notifier = new Notifier();
  const { signal } = new AbortController();
  const waits = [notifier.wait(signal), notifier.wait(signal)];
  expect(getEventListeners(signal, 'abort')).toHaveLength(2);
  notifier.notify();
  await Promise.all(waits);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

import { expect, test } from 'vitest';
import { StartGate } from './start-gate.ts';

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Enters so many times and tells who is in, with what lets each out again. */
function enterTimes(gate: StartGate, times: number): Map<number, () => void> {
  const inside = new Map<number, () => void>();
  for (let index = 0; index < times; index += 1) {
    void gate.enter().then((leave) => inside.set(index, leave));
  }
  return inside;
}

test('so many are let in at once, in the order in which they came', async () => {
  const inside = enterTimes(new StartGate(2), 4);
  await idle();
  expect([...inside.keys()]).toEqual([0, 1]);
  inside.get(1)?.();
  await idle();
  expect([...inside.keys()]).toEqual([0, 1, 2]);
  inside.get(0)?.();
  inside.get(2)?.();
  await idle();
  expect([...inside.keys()]).toEqual([0, 1, 2, 3]);
});

test('leaving twice lets only one in', async () => {
  const inside = enterTimes(new StartGate(1), 3);
  await idle();
  inside.get(0)?.();
  inside.get(0)?.();
  await idle();
  expect([...inside.keys()]).toEqual([0, 1]);
});

test("who gives up while waiting waits no longer and takes nobody's turn", async () => {
  const gate = new StartGate(1);
  const leave = await gate.enter();
  const abort = new AbortController();
  const givenUp = gate.enter(abort.signal);
  const inside = enterTimes(gate, 1);
  abort.abort();
  await givenUp;
  await expect(gate.enter(AbortSignal.abort())).resolves.toBeInstanceOf(Function);
  await idle();
  expect([...inside.keys()]).toEqual([]);
  leave();
  await idle();
  expect([...inside.keys()]).toEqual([0]);
});

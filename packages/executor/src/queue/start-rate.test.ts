import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StartRate } from './start-rate.ts';

/** A rate on a clock that a test moves. */
function createRate(perSecond: number) {
  const clock = { nowMs: 1_000_000 };
  return { clock, rate: new StartRate(perSecond, () => clock.nowMs) };
}

/** Takes starts until one has to wait. */
function takeAll(rate: StartRate): number {
  let taken = 0;
  for (; rate.waitMs === 0; taken += 1) rate.take();
  return taken;
}

test("a second's starts may come at once, and the next one is told how long to wait", () => {
  const { rate } = createRate(4);
  expect(takeAll(rate)).toBe(4);
  expect(rate.waitMs).toBe(250);
});

test('who waits as long as told is let in, and one at a time', () => {
  const { rate, clock } = createRate(4);
  takeAll(rate);
  clock.nowMs += 249;
  expect(rate.waitMs).toBe(1);
  clock.nowMs += 1;
  expect(takeAll(rate)).toBe(1);
});

test('what was not used adds up to one second and no further', () => {
  const { rate, clock } = createRate(4);
  takeAll(rate);
  clock.nowMs += 3_600_000;
  expect(takeAll(rate)).toBe(4);
});

test('whatever the pauses, there are never more starts than the rate allows', () => {
  const pauses = fc.array(fc.nat(500), { maxLength: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), pauses, (perSecond, pauses) => {
      const { rate, clock } = createRate(perSecond);
      let taken = 0;
      for (const pause of pauses) {
        clock.nowMs += pause;
        taken += takeAll(rate);
      }
      const elapsedMs = pauses.reduce((sum, pause) => sum + pause, 0);
      expect(taken).toBeLessThanOrEqual(perSecond * (1 + elapsedMs / 1000) + 1e-6);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CreditWindow } from './credit-window.ts';

test('no more is granted than was consumed, and never is a quarter window held back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(fc.nat(300)), (windowBytes, sizes) => {
      const window = new CreditWindow(windowBytes);
      let ungranted = 0;
      for (const size of sizes) {
        window.take(size);
        ungranted += size - window.consume(size);
        expect(ungranted).toBeGreaterThanOrEqual(0);
        expect(ungranted).toBeLessThan(Math.max(1, windowBytes / 4));
      }
      expect(window.begin()).toBe(windowBytes);
      expect(window.giveBack(0)).toBe(0);
    }),
  );
});

test('what waits is taken off the credit of a new attachment, and granted once it is consumed', () => {
  const window = new CreditWindow(100);
  window.take(30);
  window.take(90);
  expect(window.consume(30)).toBe(30);
  expect(window.begin()).toBe(10);
  window.take(20);
  expect(window.begin()).toBe(0);
  expect(window.consume(110)).toBe(110);
});

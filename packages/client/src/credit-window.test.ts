import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CreditWindow } from './credit-window.ts';

test('no more is granted than was consumed, and never is a quarter window held back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(fc.nat(300)), (windowBytes, sizes) => {
      const window = new CreditWindow(windowBytes);
      let ungranted = 0;
      for (const size of sizes) {
        ungranted += size - window.consume(size);
        expect(ungranted).toBeGreaterThanOrEqual(0);
        expect(ungranted).toBeLessThan(Math.max(1, windowBytes / 4));
      }
      expect(window.reset()).toBe(ungranted);
    }),
  );
});

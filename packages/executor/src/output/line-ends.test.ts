import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLineEnds, cutAtLineEnds } from './line-ends.ts';

const text = fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\n\n', 'é'), { maxLength: 40 });

test('lines are counted where they end', () => {
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = pieces.join('');
      expect(countLineEnds(Buffer.from(whole))).toBe(whole.split('\n').length - 1);
    }),
  );
});

test('what is cut is whole, ends with a line and has as many lines as it may', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (parts, maxLines) => {
      const whole = Buffer.from(parts.join(''));
      const cut = cutAtLineEnds(
        parts.map((part) => Buffer.from(part)),
        maxLines,
      ).map((piece) => Buffer.concat(piece));
      expect(Buffer.concat(cut)).toEqual(whole);
      const lines = cut.map((piece) => countLineEnds(piece));
      expect(lines.slice(0, -1)).toEqual(lines.slice(0, -1).map(() => maxLines));
      expect(lines.at(-1) ?? 0).toBeLessThanOrEqual(maxLines);
      for (const piece of cut.slice(0, -1)) expect(piece.at(-1)).toBe(0x0a);
      expect(cut.every(({ length }) => length > 0)).toBe(true);
    }),
  );
});

test('output whose lines do not count is left as it came', () => {
  const parts = [Buffer.from('a\nb'), Buffer.from('\n')];
  expect(cutAtLineEnds(parts, Number.POSITIVE_INFINITY)).toEqual([parts]);
});

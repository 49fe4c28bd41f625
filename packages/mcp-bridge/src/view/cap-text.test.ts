import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capText } from './cap-text.ts';

const note = (omitted: number): string => `<${omitted}>`;

test('a text that fits is left alone', () => {
  expect(capText('short', 5, note)).toBe('short');
});

test('a long text is never longer than its cap, begins and ends as it did, and the note counts right', () => {
  const longText = fc.string({ unit: 'grapheme', minLength: 101, maxLength: 400 });
  fc.assert(
    fc.property(longText, fc.integer({ min: 30, max: 100 }), (text, maxChars) => {
      const capped = capText(text, maxChars, note);
      expect(capped.length).toBeLessThanOrEqual(maxChars);
      const [, head = '', omitted, tail = ''] = /^([^]*)\n<(\d+)>\n([^]*)$/.exec(capped) ?? [];
      expect(text.startsWith(head)).toBe(true);
      expect(text.endsWith(tail)).toBe(true);
      expect(head.length + Number(omitted) + tail.length).toBe(text.length);
    }),
  );
});

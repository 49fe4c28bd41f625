import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadTailBuffer } from './head-tail-buffer.ts';

const note = ({ bytes, lines }: { bytes: number; lines: number | undefined }): string =>
  `<${bytes} ${lines}>`;

test('what fits is shown whole', () => {
  const buffer = new HeadTailBuffer(100);
  for (const text of ['a', 'b', 'c']) buffer.push({ text, rawBytes: 2 });
  expect(buffer.render(note)).toBe('a\nb\nc');
});

test('the middle is left out and counted', () => {
  const buffer = new HeadTailBuffer(20);
  for (let index = 0; index < 100; index++) buffer.push({ text: `l${index}`.padEnd(3), rawBytes: 4 });
  expect(buffer.render(note)).toBe('l0 \nl1 \n<380 95>\nl97\nl98\nl99');
});

test('after a skip the lines are not counted', () => {
  const buffer = new HeadTailBuffer(20);
  buffer.push({ text: 'a', rawBytes: 2 });
  buffer.skip(1_000);
  buffer.push({ text: 'z', rawBytes: 2 });
  expect(buffer.render(note)).toBe('a\n<1000 undefined>\nz');
});

test('head and tail stay within the budget, in order, and no byte is unaccounted for', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 500 }), sizes, (maxChars, lengths) => {
      const buffer = new HeadTailBuffer(maxChars);
      const lines = lengths.map((length, index) => `${index}:${'x'.repeat(length)}`);
      for (const text of lines) buffer.push({ text, rawBytes: text.length + 1 });
      let omitted = { bytes: 0, lines: 0 };
      const rendered = buffer.render(({ bytes, lines: count }) => {
        omitted = { bytes, lines: count ?? -1 };
        return '<>';
      });
      const shown = rendered === '' ? [] : rendered.split('\n').filter((line) => line !== '<>');
      const total = lines.reduce((sum, line) => sum + line.length + 1, 0);
      const kept = shown.reduce((sum, line) => sum + line.length + 1, 0);
      expect(kept).toBeLessThanOrEqual(maxChars);
      expect(kept + omitted.bytes).toBe(total);
      expect(shown.length + omitted.lines).toBe(lines.length);
      expect(lines.filter((line) => shown.includes(line))).toEqual(shown);
    }),
  );
});

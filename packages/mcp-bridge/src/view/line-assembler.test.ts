import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineAssembler, type ViewLine } from './line-assembler.ts';

function assemble(...pieces: string[]): ViewLine[] {
  const lines: ViewLine[] = [];
  const assembler = new LineAssembler((line) => lines.push(line));
  for (const piece of pieces) assembler.write(piece);
  assembler.end();
  return lines;
}

const texts = (...pieces: string[]): string[] => assemble(...pieces).map(({ text }) => text);

test('lines are put together whatever the pieces', () => {
  expect(texts('a', 'b\nc', '\n', '\nd')).toEqual(['ab', 'c', '', 'd']);
});

test('of a line that redraws itself only the last state is left', () => {
  expect(texts('10%\r20%\r\u001b[K30%\n')).toEqual(['30%']);
  expect(texts('10%\r', '20%\r', '\n')).toEqual(['20%']);
  expect(texts('windows\r\nline\r\n')).toEqual(['windows', 'line']);
});

test('escape sequences are gone, also when they come in two pieces', () => {
  expect(texts('\u001b[3', '1mred\u001b[0m\u0007\tx\n')).toEqual(['red\tx']);
});

test('a long line is cut and says by how much, within a bound of memory', () => {
  const [line] = texts(...Array.from({ length: 100 }, () => 'x'.repeat(10_000)));
  expect(line?.length).toBeLessThanOrEqual(2_000);
  expect(line).toMatch(/ … \[998\d{3} more characters\]$/);
});

test('no piece of a character is left where a line is cut', () => {
  const [line] = texts('😀'.repeat(5_000));
  expect(line?.isWellFormed()).toBe(true);
});

test('the bytes of the lines are those that were written, and cutting changes nothing', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', ' ') });
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const lines = assemble(...pieces);
      const whole = pieces.join('');
      expect(lines.reduce((sum, { rawBytes }) => sum + rawBytes, 0)).toBe(Buffer.byteLength(whole));
      expect(lines).toEqual(assemble(whole));
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAfter, cutBefore } from './character-cut.ts';
import { LineSearch, type LineMatch } from './line-search.ts';

const everything = { contextLines: 0, maxMatches: 1_000, maxFoundBytes: Infinity };

function search(pieces: Buffer[], text: string, options: Partial<typeof everything> = {}): LineSearch {
  const found = new LineSearch({ text: Buffer.from(text), ...everything, ...options });
  let offset = 0;
  for (const piece of pieces) {
    // What was pushed holds only during the call.
    const shown = Buffer.from(piece);
    found.push(shown, offset);
    shown.fill(0);
    offset += piece.length;
  }
  if (found.openLine !== undefined) found.endLine(offset);
  return found;
}

/** The same, from the whole text at once. */
function searchNaively(whole: Buffer, text: string, contextLines: number): LineMatch[] {
  const needle = Buffer.from(text);
  const lines: { offset: number; bytes: Buffer }[] = [];
  for (let begin = 0; begin < whole.length;) {
    const lineEnd = whole.indexOf('\n', begin);
    const end = lineEnd === -1 ? whole.length : lineEnd;
    const isCrLf = end > begin && whole[end - 1] === 0x0d;
    lines.push({ offset: begin, bytes: whole.subarray(begin, isCrLf ? end - 1 : end) });
    begin = end + 1;
  }
  const head = ({ bytes }: { bytes: Buffer }) => bytes.toString('utf8', 0, cutBefore(bytes, 2_000));
  return lines.flatMap(({ offset, bytes }, index) => {
    const at = bytes.indexOf(needle);
    if (at === -1) return [];
    const middle = at - Math.max(0, Math.floor((2_000 - needle.length) / 2));
    const from = Math.max(0, Math.min(middle, bytes.length - 2_000));
    const line = bytes.toString('utf8', cutAfter(bytes, from), cutBefore(bytes, from + 2_000));
    const before = lines.slice(Math.max(0, index - contextLines), index).map(head);
    return [{ offset, line, before, after: lines.slice(index + 1, index + 1 + contextLines).map(head) }];
  });
}

/** Cuts a text into pieces of the given lengths, and the rest. */
function cut(whole: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of lengths) pieces.push(whole.subarray(at, (at += length)));
  return [...pieces, whole.subarray(at)];
}

test('what is found does not depend on the pieces, and is what a plain search finds', () => {
  const unit = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'ab', '\n', '\r\n', 'é', '😀', '\0', '\u001b[31m') },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2_500 }).map((count) => 'xé'.repeat(count)) },
    { weight: 1, arbitrary: fc.integer({ min: 1_900, max: 2_100 }).map((count) => 'y'.repeat(count)) },
  );
  const text = fc.constantFrom(
    'a',
    'ab',
    'aba',
    'bb',
    'éa',
    '😀',
    'xé',
    'ab'.repeat(9),
    'x'.repeat(500),
    'y'.repeat(1_000),
  );
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 60 }),
      text,
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.oneof(fc.nat(4), fc.nat(3_000)), { maxLength: 40 }),
      (units, needle, contextLines, lengths) => {
        const whole = Buffer.from(units.join(''));
        const { matches } = search(cut(whole, lengths), needle, { contextLines });
        expect(matches).toEqual(searchNaively(whole, needle, contextLines));
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a match across pieces of one byte each is found', () => {
  const pieces = [...Buffer.from('one\nneedle here\ntwo')].map((byte) => Buffer.of(byte));
  expect(search(pieces, 'needle').matches).toEqual([
    { offset: 4, line: 'needle here', before: [], after: [] },
  ]);
});

test('a line of any length takes no more memory than is shown of it', () => {
  const found = new LineSearch({ text: Buffer.from('needle'), ...everything });
  const piece = Buffer.alloc(64 * 1024, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 1_000; index += 1) found.push(piece, index * piece.length);
  found.push(Buffer.from('needle'), 1_000 * piece.length);
  for (let index = 0; index < 1_000; index += 1) found.push(piece, 1_000 * piece.length + 6);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  found.endLine(0);
  const [match] = found.matches;
  expect(match?.line).toBe(`${'x'.repeat(997)}needle${'x'.repeat(997)}`);
});

test('the last match still gets the lines after it, and no more is looked at', () => {
  const lines = cut(Buffer.from('hit 1\nhit 2\nafter\nhit 3\nlast\n'), [6, 6, 6, 6]);
  const found = search(lines, 'hit', { maxMatches: 2, contextLines: 1 });
  expect(found.matches).toEqual([
    { offset: 0, line: 'hit 1', before: [], after: ['hit 2'] },
    { offset: 6, line: 'hit 2', before: ['hit 1'], after: ['after'] },
  ]);
  expect([found.isDone, found.nextOffset]).toEqual([true, 12]);
});

test('so much is found, and then no more', () => {
  const whole = Buffer.from('hit\n'.repeat(1_000));
  const found = search([whole], 'hit', { maxFoundBytes: 30 });
  expect([found.matches.length, found.nextOffset]).toEqual([10, 40]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countInvalidBytes } from './invalid-utf8.ts';

/** Length of the character that begins at a place, by the table of well-formed byte sequences; 0 when none does. */
function characterBytes(bytes: Uint8Array, at: number): number {
  const [first = 0, second = -1, third = -1, fourth = -1] = bytes.subarray(at, at + 4);
  const isTail = (byte: number): boolean => byte >= 0x80 && byte <= 0xbf;
  const isSecond = (min: number, max: number): boolean => second >= min && second <= max;
  if (first <= 0x7f) return 1;
  if (first >= 0xc2 && first <= 0xdf) return isTail(second) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const isOk =
      first === 0xe0 ? isSecond(0xa0, 0xbf) : first === 0xed ? isSecond(0x80, 0x9f) : isTail(second);
    return isOk && isTail(third) ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const isOk = first === 0xf0 ? isSecond(0x90, 0xbf) : first === 0xf4 ? isSecond(0x80, 0x8f) : isTail(second);
  return isOk && isTail(third) && isTail(fourth) ? 4 : 0;
}

function countOneByOne(bytes: Uint8Array): number {
  let invalid = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterBytes(bytes, at);
    if (length === 0) invalid += 1;
    at += Math.max(1, length);
  }
  return invalid;
}

const character = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 2 })
  .map((text) => [...Buffer.from(text)]);
const edge = fc.constantFrom(
  0x00,
  0x7f,
  0x80,
  0x8f,
  0x90,
  0x9f,
  0xa0,
  0xbd,
  0xbf,
  0xc0,
  0xc1,
  0xc2,
  0xdf,
  0xe0,
  0xed,
  0xef,
  0xf0,
  0xf4,
  0xf5,
  0xff,
);
const pieces = fc.oneof(
  character,
  edge.map((byte) => [byte]),
  fc.constant([0xef, 0xbf, 0xbd]),
  fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
);

test('bytes that belong to no character are counted, one by one', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (all) => {
      const bytes = Buffer.from(all.flat());
      expect(countInvalidBytes(bytes)).toBe(countOneByOne(bytes));
    }),
    { numRuns: 3_000 },
  );
});

test('every pair of bytes is counted', () => {
  const wrong: unknown[] = [];
  for (let pair = 0; pair < 0x1_00_00; pair += 1) {
    const bytes = Buffer.from([pair >> 8, pair & 0xff, 0x41]);
    if (countInvalidBytes(bytes) !== countOneByOne(bytes)) wrong.push(bytes.toString('hex'));
  }
  expect(wrong).toEqual([]);
});

test.each<[bytes: number[], count: number]>([
  [[], 0],
  [[0xef, 0xbf, 0xbd], 0],
  [[0xef, 0xbf], 2],
  [[0xef, 0xbf, 0xef, 0xbf, 0xbd], 2],
  [[0xf0, 0x9f, 0x99, 0x82], 0],
  [[0xf0, 0x9f, 0x99], 3],
  [[0xed, 0xa0, 0x80], 3],
  [[0xc0, 0x80], 2],
  [[0xef, 0xbb, 0xbf], 0],
])('of the bytes %j, %i are invalid', (bytes, count) => {
  expect(countInvalidBytes(Buffer.from(bytes))).toBe(count);
});

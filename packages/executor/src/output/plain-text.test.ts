import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainText } from './plain-text.ts';

/** What it means, one byte at a time. */
function isPlain(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x0a || (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c));
}

/** These bytes at a place in memory that is or is not aligned. */
function placedAt(bytes: Uint8Array, by: number): Buffer {
  // Around them lies what is not plain.
  const memory = Buffer.alloc(by + bytes.length + 8, 0x01);
  memory.set(bytes, by);
  return memory.subarray(by, by + bytes.length);
}

test('bytes are plain when each of them is, wherever they lie', () => {
  const nearlyPlain = fc.array(
    fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0x20, max: 0xff }) },
      { weight: 4, arbitrary: fc.constant(0x0a) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x22 }) },
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(nearlyPlain, fc.nat({ max: 7 }), (values, by) => {
      const bytes = placedAt(Uint8Array.from(values), by);
      expect(isPlainText(bytes)).toBe(isPlain(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('each byte at each place of a word counts, beside any other', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    for (const other of [0x0a, 0x20, 0x7f, 0x80, 0xff]) {
      for (let place = 0; place < 9; place += 1) {
        const bytes = placedAt(Buffer.alloc(9, other).fill(byte, place, place + 1), place % 4);
        expect(isPlainText(bytes)).toBe(isPlain(bytes));
      }
    }
  }
});

test('what is empty is plain', () => {
  for (let by = 0; by < 4; by += 1) expect(isPlainText(placedAt(Buffer.alloc(0), by))).toBe(true);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countInvalidBytes } from './invalid-utf8.ts';
import { OutputCutter } from './output-cutter.ts';
import { incompleteTailBytes } from './utf8-tail.ts';

/** Reads of a pipe, by the turn of the loop in which they came. */
const turns = fc.array(fc.array(fc.nat({ max: 5 }), { maxLength: 4 }), { maxLength: 30 });
const validText = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text));
const anyBytes = fc.oneof(
  validText,
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

/** What comes out of a cutter that is given bytes in pieces of these sizes, and the rest at once. */
function through(bytes: Buffer, sizes: readonly (readonly number[])[]): Buffer[] {
  const cutter = new OutputCutter();
  let at = 0;
  const take = (size: number): Buffer => {
    const piece = Buffer.from(bytes.subarray(at, at + size));
    at += piece.length;
    return piece;
  };
  const cut = sizes.map((turn) => {
    const chunks = turn.map(take);
    const parts = cutter.cut(chunks);
    const whole = Buffer.concat(parts);
    // What is held back is a copy: the pipe's memory is used again.
    for (const chunk of chunks) chunk.fill(0x21);
    return whole;
  });
  return [...cut, Buffer.concat(cutter.cut([take(bytes.length)])), cutter.end()];
}

test('no byte is changed or lost, whatever the bytes and the reads', () => {
  fc.assert(
    fc.property(anyBytes, turns, (bytes, sizes) => {
      expect(Buffer.concat(through(bytes, sizes))).toEqual(bytes);
    }),
    { numRuns: 500 },
  );
});

test('each piece of valid text can be decoded on its own', () => {
  fc.assert(
    fc.property(validText, turns, (bytes, sizes) => {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      const text = through(bytes, sizes).map((piece) => decoder.decode(piece));
      expect(text.join('')).toBe(bytes.toString());
    }),
    { numRuns: 500 },
  );
});

test('pieces have as many invalid bytes as the whole, so that cutting makes none', () => {
  fc.assert(
    fc.property(anyBytes, turns, (bytes, sizes) => {
      const counts = through(bytes, sizes).map((piece) => countInvalidBytes(piece));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(countInvalidBytes(bytes));
    }),
    { numRuns: 500 },
  );
});

test('at most three bytes are held back, and none of text that ends whole', () => {
  fc.assert(
    fc.property(anyBytes, validText, (bytes, text) => {
      const cutBytes = Buffer.concat(new OutputCutter().cut([bytes])).length;
      expect(bytes.length - cutBytes).toBe(incompleteTailBytes(bytes));
      expect(Buffer.concat(new OutputCutter().cut([text]))).toEqual(text);
    }),
  );
});

test('what is long is not copied', () => {
  const chunk = Buffer.from(`${'x'.repeat(100)}\u{E9}`).subarray(0, 101);
  const first = Buffer.alloc(100);
  const [one, other] = new OutputCutter().cut([first, chunk]);
  expect(one).toBe(first);
  expect(other?.buffer).toBe(chunk.buffer);
});

test('nothing comes of nothing, or of what is not whole', () => {
  const cutter = new OutputCutter();
  expect([cutter.cut([]), cutter.cut([Buffer.alloc(0)]), cutter.end()]).toEqual([[], [], Buffer.alloc(0)]);
  for (const byte of [0xf0, 0x9f, 0x99])
    expect(Buffer.concat(cutter.cut([Buffer.from([byte])])).length).toBe(0);
  expect(cutter.end()).toEqual(Buffer.from([0xf0, 0x9f, 0x99]));
  expect(cutter.end()).toEqual(Buffer.alloc(0));
});

test.each<[bytes: number[], held: number]>([
  [[], 0],
  [[0x61], 0],
  [[0xc3], 1],
  [[0xc3, 0xa9], 0],
  [[0xe6, 0x97], 2],
  [[0x61, 0xf0, 0x9f, 0x99], 3],
  [[0xf0, 0x9f, 0x99, 0x82], 0],
  [[0xff], 0],
  [[0xc0], 0],
  [[0x80, 0x80, 0x80, 0x80], 0],
  [[0xc3, 0x61], 0],
])('of the bytes %j, %i are the beginning of a character', (bytes, held) => {
  expect(incompleteTailBytes(Buffer.from(bytes))).toBe(held);
});

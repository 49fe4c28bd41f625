import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteTailBytes, Utf8Boundary } from './utf8-boundary.ts';

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** What comes out of a boundary for these chunks, the end included. */
function through(chunks: readonly Buffer[]): Buffer[] {
  const boundary = new Utf8Boundary();
  return [...chunks.map((chunk) => boundary.push(chunk)), boundary.end()];
}

const places = fc.array(fc.nat(), { maxLength: 20 });
const validText = fc.string({ unit: 'binary', maxLength: 60 });

test('no byte is changed or lost, whatever the bytes and the cuts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), places, (bytes, at) => {
      const input = Buffer.from(bytes);
      expect(Buffer.concat(through(cut(input, at)))).toEqual(input);
    }),
  );
});

test('each piece of valid text can be decoded on its own', () => {
  fc.assert(
    fc.property(validText, places, (text, at) => {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      const pieces = through(cut(Buffer.from(text), at)).map((piece) => decoder.decode(piece));
      expect(pieces.join('')).toBe(text);
    }),
  );
});

test('at most three bytes are held back, and none of text that ends whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), validText, (bytes, text) => {
      const input = Buffer.from(bytes);
      expect(input.length - new Utf8Boundary().push(input).length).toBeLessThanOrEqual(3);
      expect(new Utf8Boundary().push(Buffer.from(text))).toEqual(Buffer.from(text));
    }),
  );
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

test('what never becomes a character comes at the end as it is', () => {
  const boundary = new Utf8Boundary();
  expect(boundary.push(Buffer.from([0x61, 0xe6, 0x97]))).toEqual(Buffer.from('a'));
  expect(boundary.end()).toEqual(Buffer.from([0xe6, 0x97]));
  expect(boundary.end()).toEqual(Buffer.alloc(0));
});

test('a held byte does not keep the read buffer alive', () => {
  const chunk = Buffer.from(`${'x'.repeat(100)}é`).subarray(0, 101);
  const boundary = new Utf8Boundary();
  boundary.push(chunk);
  chunk.fill(0);
  expect(boundary.push(Buffer.from([0xa9]))).toEqual(Buffer.from('é'));
});

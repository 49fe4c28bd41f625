import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAfter, cutBefore } from './character-cut.ts';

const text = Buffer.from('aé€😀z');

test('a cut goes to the edge of the character', () => {
  const places = Array.from({ length: text.length + 2 }, (_, at) => at);
  expect(places.map((at) => cutBefore(text, at))).toEqual([0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11]);
  expect(places.map((at) => cutAfter(text, at))).toEqual([0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10, 11, 11]);
});

test('bytes that are no character do not move it', () => {
  const invalid = Buffer.from([0x80, 0x80, 0x80, 0x80, 0xc0, 0x80, 0xe0, 0x80, 0xed, 0xa0, 0xff]);
  for (let at = 0; at < invalid.length; at += 1) {
    expect([cutBefore(invalid, at), cutAfter(invalid, at)]).toEqual([at, at]);
  }
});

test('whatever the bytes, the parts decode as the whole does, and a cut moves by three bytes at most', () => {
  const telling = fc.constantFrom(
    0x41,
    0x80,
    0xbf,
    0xc3,
    0xe0,
    0xe2,
    0x82,
    0xac,
    0xed,
    0xf0,
    0x9f,
    0xf4,
    0xff,
  );
  const bytes = fc.array(fc.oneof(telling, fc.integer({ min: 0, max: 255 })), { maxLength: 20 });
  fc.assert(
    fc.property(bytes, fc.nat(25), (values, at) => {
      const whole = Buffer.from(values);
      for (const cut of [cutBefore(whole, at), cutAfter(whole, at)]) {
        const parts = `${whole.toString('utf8', 0, cut)}${whole.toString('utf8', cut)}`;
        expect(parts).toBe(whole.toString('utf8'));
        expect(Math.abs(Math.min(at, whole.length) - cut)).toBeLessThanOrEqual(3);
      }
    }),
    { numRuns: 2_000 },
  );
});

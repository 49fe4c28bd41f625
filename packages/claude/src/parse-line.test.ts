import { expect, test } from 'vitest';
import { parseLine } from './parse-line.ts';

function nested(depth: number): string {
  return `${'{"a":['.repeat(depth / 2)}1${']}'.repeat(depth / 2)}`;
}

test('a line of JSON is read, and what is none is undefined', () => {
  expect(parseLine('{"type":"system"}')).toEqual({ type: 'system' });
  expect(parseLine('oops')).toBeUndefined();
});

test.each([500, 512])('a line nested %i levels deep is read', (depth) => {
  expect(JSON.stringify(parseLine(nested(depth)))).toBe(nested(depth));
});

test.each([514, 20_000])('a line nested %i levels deep is refused', (depth) => {
  expect(parseLine(nested(depth))).toBeUndefined();
});

test('a long and flat line is read', () => {
  const wide = JSON.stringify({ items: Array.from({ length: 100_000 }, (_, index) => [index]) });
  expect(JSON.stringify(parseLine(wide))).toBe(wide);
});

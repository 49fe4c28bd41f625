import { expect, test } from 'vitest';
import type { LogEntry } from '@cc-executor/protocol';
import { LogPlace } from './log-place.ts';

const at = '2026-01-01T00:00:00.000Z';

function output(seq: number, offset: number): LogEntry {
  return { type: 'output', seq, offset, bytes: 10, stream: 'stdout', encoding: 'utf8', data: 'x'.repeat(10) };
}

function event(seq: number): LogEntry {
  return { type: 'event', seq, at, event: { type: 'text', text: 'a word' } };
}

const gap = { type: 'gap', fromSeq: 3, firstSeq: 8, lostBytes: 70 } as const;

test('output and gaps tell how many bytes lie before', () => {
  const place = new LogPlace({ hasAllOutput: false });
  expect(place).toMatchObject({ afterSeq: 0, afterOffset: 0 });
  place.pass(event(1));
  place.pass(output(2, 0));
  expect(place).toMatchObject({ afterSeq: 2, afterOffset: 10 });
  place.pass(gap);
  expect(place).toMatchObject({ afterSeq: 7, afterOffset: 80 });
  expect([gap, output(7, 70), output(8, 80)].map((entry) => place.has(entry))).toEqual([true, true, false]);
});

test('a hole may have held output, which only the next output tells', () => {
  const place = new LogPlace({ hasAllOutput: false });
  place.pass(event(2));
  expect(place.afterOffset).toBeUndefined();
  place.pass({ ...gap });
  expect(place.afterOffset).toBeUndefined();
  place.pass(output(9, 500));
  expect(place.afterOffset).toBe(510);
});

test('a hole held no output when all of it is passed', () => {
  const place = new LogPlace({ hasAllOutput: true });
  place.pass(output(1, 0));
  place.pass(event(4));
  expect(place).toMatchObject({ afterSeq: 4, afterOffset: 10 });
});

test('who begins in the middle knows it only when told', () => {
  expect(new LogPlace({ afterSeq: 5, hasAllOutput: true }).afterOffset).toBeUndefined();
  expect(new LogPlace({ afterSeq: 5, afterOffset: 40, hasAllOutput: true }).afterOffset).toBe(40);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reserveBytes, resolveRetention, segmentBytes, segmentLines } from './retention.ts';

const MIB = 1024 * 1024;
const any = Number.POSITIVE_INFINITY;

test('a command blocks and a Claude job keeps its tail when nothing is asked for', () => {
  const common = { maxBytes: 9 * MIB, maxLines: any, maxAgeMs: any };
  expect(resolveRetention(undefined, 'command', 9 * MIB)).toEqual({ ...common, atQuota: 'block' });
  expect(resolveRetention(undefined, 'claude', 9 * MIB)).toEqual({ ...common, atQuota: 'tail' });
});

test('what is asked for holds within what the executor keeps', () => {
  const asked = { atQuota: 'fail', maxBytes: 8 * MIB, maxLines: 5, maxAgeMs: 7_000 } as const;
  expect(resolveRetention(asked, 'command', 9 * MIB)).toEqual(asked);
  expect(resolveRetention(asked, 'command', 2 * MIB)).toEqual({ ...asked, maxBytes: 2 * MIB });
  expect(resolveRetention(asked, 'claude', 9 * MIB).atQuota).toBe('tail');
});

test('whatever the quota, some pieces of a log fit in it beside what is free', () => {
  const maxBytes = fc.integer({ min: MIB, max: 1024 ** 3 });
  const maxLines = fc.oneof(fc.integer({ min: 1, max: 10_000_000 }), fc.constant(any));
  fc.assert(
    fc.property(maxBytes, maxLines, (bytes, lines) => {
      const retention = { atQuota: 'tail', maxBytes: bytes, maxLines: lines, maxAgeMs: any } as const;
      expect(segmentBytes(retention)).toBeGreaterThanOrEqual(64 * 1024);
      expect(segmentBytes(retention)).toBeLessThanOrEqual(4 * MIB);
      expect(bytes - reserveBytes(retention)).toBeGreaterThanOrEqual(10 * segmentBytes(retention));
      expect(reserveBytes(retention)).toBeLessThanOrEqual(bytes / 4);
    }),
  );
});

test.each([
  [1, 1],
  [2, 1],
  [5, 3],
  [20, 10],
  [100, 16],
  [1_000, 63],
  [any, any],
])('of %d lines at most %d are dropped at once', (maxLines, lines) => {
  expect(segmentLines({ atQuota: 'tail', maxBytes: MIB, maxLines, maxAgeMs: any })).toBe(lines);
});

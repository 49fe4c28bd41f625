import { expect, test } from 'vitest';
import { parseRetention } from './retention-options.ts';

test('only what was asked for is set', () => {
  expect(parseRetention(undefined, undefined)).toEqual({});
  expect(parseRetention('fail', undefined)).toEqual({ retention: { atQuota: 'fail' } });
  expect(parseRetention('tail', '2M')).toEqual({ retention: { atQuota: 'tail', maxBytes: 2_097_152 } });
});

test('what the executor would refuse is wrong usage', () => {
  expect(() => parseRetention('keep', undefined)).toThrow(
    "--retention takes block, tail or fail, not 'keep'",
  );
  expect(() => parseRetention(undefined, '500K')).toThrow('--max-output is at least 1M');
});

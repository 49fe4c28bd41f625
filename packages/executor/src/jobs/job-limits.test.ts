import { expect, test } from 'vitest';
import { strictestLimits } from './job-limits.ts';

test('the smaller value of each limit holds, whoever set it', () => {
  const operator = { openFiles: 256, cpuSeconds: 60, coreBytes: 0 };
  const job = { openFiles: 1024, cpuSeconds: 5, fileBytes: 0 };
  const both = { openFiles: 256, coreBytes: 0, fileBytes: 0, cpuSeconds: 5 };
  expect(strictestLimits(operator, job)).toEqual(both);
  expect(strictestLimits(job, operator)).toEqual(both);
});

test('one set of limits is taken as it is, and none is none', () => {
  expect(strictestLimits({ dataBytes: 2 ** 30 }, undefined)).toEqual({ dataBytes: 2 ** 30 });
  expect(strictestLimits(undefined, { coreBytes: 0 })).toEqual({ coreBytes: 0 });
  expect(strictestLimits(undefined, undefined)).toBeUndefined();
  expect(strictestLimits({}, { openFiles: undefined })).toBeUndefined();
});

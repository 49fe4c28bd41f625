import { expect, test } from 'vitest';
import { callJobId } from './call-job-id.ts';

test('a call has one job id, whatever its tool use id looks like', () => {
  const callId = 'toolu_01A2b3C4d5E6f7G8h9J0kLmN';
  const jobId = callJobId(callId, 'execute');
  expect(jobId).toMatch(/^j_[0-9a-f]{24}$/);
  expect(callJobId(callId, 'execute')).toBe(jobId);
  expect(callJobId(callId, 'execute_claude')).not.toBe(jobId);
});

test('ids that come again elsewhere, and none at all, give a new job each', () => {
  for (const callId of ['call_1', undefined]) {
    expect(callJobId(callId, 'execute')).not.toBe(callJobId(callId, 'execute'));
  }
});

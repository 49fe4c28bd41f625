import { RpcError } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

/** What an admission refuses with. */
function refusal(action: () => void): RpcError['data'] | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof RpcError) return error.data;
    throw error;
  }
}

test('as many as may live at once are taken', () => {
  const admission = new Admission({ maxLiveJobs: 2, maxStartsPerSecond: 100 });
  admission.take(1);
  expect(refusal(() => admission.take(2))).toEqual({ what: 'live jobs', limit: 2, retryAfterMs: 1_000 });
});

test('looking whether a start would be taken counts for nothing', () => {
  const admission = new Admission({ maxLiveJobs: 2, maxStartsPerSecond: 1 });
  for (let times = 0; times < 10; times += 1) admission.check(0);
  admission.take(0);
  expect(refusal(() => admission.check(0))).toMatchObject({ what: 'starts per second', limit: 1 });
  expect(refusal(() => admission.take(0))).toMatchObject({ what: 'starts per second', limit: 1 });
});

import type { Method } from './method-services.ts';

/** Grants a follower more credit. */
export const creditJob: Method<'job/credit'> =
  () =>
  ({ jobId, bytes }, { session }) => ({ jobId, creditBytes: session.grant(jobId, bytes) });

import type { Method } from './method-services.ts';

/** Stops following a job. */
export const detachJob: Method<'job/detach'> =
  ({ jobs }) =>
  ({ jobId }, { session }) => {
    jobs.view(jobId);
    session.detach(jobId);
    return { jobId };
  };

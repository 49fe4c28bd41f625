import type { Method } from './method-services.ts';

/** Waits for jobs to end, without polling. */
export const waitJob: Method<'job/wait'> =
  ({ jobs }) =>
  async ({ jobIds, mode, waitMs }, { signal }) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    const done = await jobs.wait(jobIds, mode, deadline);
    return { jobs: jobIds.map((jobId) => jobs.view(jobId)), done };
  };

import { checkReached } from './check-reached.ts';
import { searchLog } from '../reading/search-log.ts';
import type { Method } from './method-services.ts';

/** Finds lines of a job's output that hold a text. */
export const searchJob: Method<'job/search'> =
  ({ jobs }) =>
  async ({ jobId, ...query }, { signal }) => {
    jobs.view(jobId);
    await using loan = await jobs.openLog(jobId);
    checkReached(jobId, loan.log, query);
    return { jobId, ...(await searchLog(loan.log, query, signal)) };
  };

import { readPage } from '../reading/read-page.ts';
import { checkReached } from './check-reached.ts';
import { defaultInclude } from './include.ts';
import type { Method } from './method-services.ts';

/** Reads from a log without following it. */
export const readJob: Method<'job/read'> =
  ({ jobs }) =>
  async ({ jobId, waitMs, include, ...query }, { signal }) => {
    const { kind } = jobs.view(jobId);
    await using loan = await jobs.openLog(jobId);
    const { log } = loan;
    checkReached(jobId, log, query);
    const deadline =
      waitMs === 0 ? AbortSignal.abort() : AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    const wanted = { ...query, include: new Set(include ?? defaultInclude(kind)) };
    const page = await readPage(log, wanted, { deadline, signal });
    return { jobId, ...page, state: jobs.view(jobId).state };
  };

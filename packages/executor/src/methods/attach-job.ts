import { checkReached } from './check-reached.ts';
import { defaultInclude } from './include.ts';
import type { Method } from './method-services.ts';

/** Follows a job: replay from `afterSeq`, then live. */
export const attachJob: Method<'job/attach'> =
  ({ jobs }) =>
  async ({ jobId, afterSeq, afterOffset, encoding, creditBytes, include }, { session, afterReply }) => {
    using _reservation = session.reserve(jobId);
    const view = jobs.view(jobId);
    const loan = await jobs.openLog(jobId);
    try {
      checkReached(jobId, loan.log, { afterSeq, offset: afterOffset });
    } catch (error) {
      await loan[Symbol.asyncDispose]();
      throw error;
    }
    const wanted = include ?? defaultInclude(view.kind);
    const from = { afterSeq, afterOffset: afterSeq === 0 ? 0 : afterOffset };
    const { hold, consumer } = jobs.follow(jobId, wanted, from.afterOffset);
    const options = { ...from, encoding, creditBytes, include: wanted, consumer };
    afterReply(() => session.attach(jobId, loan, hold, options));
    return { jobId, state: view.state, lastSeq: loan.log.lastSeq };
  };

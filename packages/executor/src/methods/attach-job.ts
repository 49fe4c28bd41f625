import { defaultInclude } from './include.ts';
import type { Method } from './method-services.ts';

/** Follows a job: replay from `afterSeq`, then live. */
export const attachJob: Method<'job/attach'> =
  ({ jobs }) =>
  async ({ jobId, afterSeq, encoding, creditBytes, include }, { session, afterReply }) => {
    using _reservation = session.reserve(jobId);
    const view = jobs.view(jobId);
    const loan = await jobs.openLog(jobId);
    const hold = jobs.find(jobId)?.watch.hold();
    const options = { afterSeq, encoding, creditBytes, include: include ?? defaultInclude(view.kind) };
    afterReply(() => session.attach(jobId, loan, hold, options));
    return { jobId, state: view.state, lastSeq: loan.log.lastSeq };
  };

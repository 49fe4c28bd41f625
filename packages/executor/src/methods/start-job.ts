import { AttachOptions } from '@cc-executor/protocol';
import { defaultInclude } from './include.ts';
import type { Method } from './method-services.ts';

/** Starts a job and, unless asked otherwise, follows it from its first entry. */
export const startJob: Method<'job/start'> =
  ({ jobs }) =>
  async (params, { session, afterReply }) => {
    const attach = params.attach ?? AttachOptions.parse({});
    using _reservation =
      attach === false || params.jobId === undefined ? undefined : session.reserve(params.jobId);
    const { job, view, position } = await jobs.start(params);
    const { jobId } = view;
    if (attach === false) {
      if (job !== undefined) session.keep(job.watch.hold(), job.closed);
    } else {
      const loan = await jobs.openLog(jobId);
      const include = attach.include ?? defaultInclude(params.kind);
      const { hold, consumer } = jobs.follow(jobId, include, 0);
      const options = { ...attach, include, afterSeq: 0, afterOffset: 0, consumer };
      afterReply(() => session.attach(jobId, loan, hold, options));
    }
    return { jobId, state: view.state, ...(position === undefined ? {} : { position }) };
  };

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
      const hold = job?.watch.hold();
      const include = attach.include ?? defaultInclude(params.kind);
      afterReply(() => session.attach(jobId, loan, hold, { ...attach, include, afterSeq: 0 }));
    }
    return { jobId, state: view.state, ...(position === undefined ? {} : { position }) };
  };

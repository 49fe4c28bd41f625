import type { MethodResult } from '@cc-executor/protocol';
import type { Controlled } from '../jobs/controls.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Method } from './method-services.ts';

/** Stops every process of a job, and its clocks, until it is resumed. */
export const pauseJob: Method<'job/pause'> =
  ({ jobs }) =>
  ({ jobId }) =>
    control(jobs, jobId, (job) => job.pause());

export const resumeJob: Method<'job/resume'> =
  ({ jobs }) =>
  ({ jobId }) =>
    control(jobs, jobId, (job) => job.resume());

/** Asks for an early end: SIGINT, or Claude's own interrupt, which keeps the session. */
export const interruptJob: Method<'job/interrupt'> =
  ({ jobs }) =>
  ({ jobId }) =>
    control(jobs, jobId, (job) => job.interrupt());

/** Ends the whole tree; answers before it is gone. */
export const cancelJob: Method<'job/cancel'> =
  ({ jobs }) =>
  ({ jobId, graceMs }) =>
    control(jobs, jobId, async (job) => job.cancel('client', graceMs));

async function control(
  jobs: Jobs,
  jobId: string,
  action: (job: Job) => Promise<Controlled>,
): Promise<MethodResult<'job/pause'>> {
  const { state } = jobs.view(jobId);
  const job = jobs.find(jobId);
  return job === undefined ? { jobId, before: state, after: state } : { jobId, ...(await action(job)) };
}

import { RpcError } from '@cc-executor/protocol';
import type { Jobs } from '../jobs/jobs.ts';
import type { Job } from '../jobs/job.ts';
import type { Method } from './method-services.ts';

/** Writes to a job's standard input, once for each `writeId`. */
export const writeJob: Method<'job/write'> =
  ({ jobs }) =>
  ({ jobId, writeId, data, encoding }) => {
    const bytes = Buffer.from(data, encoding);
    findWithStdin(jobs, jobId).stdin.write(writeId, bytes);
    return { jobId, acceptedBytes: bytes.length };
  };

/** Ends a job's standard input. Ending it twice does no harm. */
export const closeStdin: Method<'job/closeStdin'> =
  ({ jobs }) =>
  ({ jobId }) => {
    findWithStdin(jobs, jobId).stdin.close();
    return { jobId };
  };

function findWithStdin(jobs: Jobs, jobId: string): Job {
  jobs.view(jobId);
  const job = jobs.find(jobId);
  if (job !== undefined && job.params.kind === 'command' && job.params.stdin === 'pipe') return job;
  throw new RpcError('stdinClosed', `The standard input of ${jobId} is not open for writing`, { jobId });
}

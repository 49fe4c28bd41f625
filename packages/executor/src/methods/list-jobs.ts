import type { Method } from './method-services.ts';

/** All that is known of one job, but its output. */
export const getJob: Method<'job/get'> =
  ({ jobs }) =>
  ({ jobId }) =>
    jobs.view(jobId);

/** Jobs, newest first. */
export const listJobs: Method<'job/list'> =
  ({ jobs }) =>
  (query) =>
    jobs.list(query);

import type { Method } from './method-services.ts';

/** What the executor is doing. */
export const executorStatus: Method<'executor/status'> =
  ({ status }) =>
  () =>
    status();

/** Ends the executor after the reply. */
export const executorStop: Method<'executor/stop'> =
  ({ jobs, requestStop }) =>
  (_, { afterReply }) => {
    afterReply(requestStop);
    return { liveJobs: jobs.liveCount };
  };

import type { Handlers } from '../rpc/router.ts';
import { attachJob } from './attach-job.ts';
import { cancelJob, interruptJob, pauseJob, resumeJob } from './control-job.ts';
import { creditJob } from './credit-job.ts';
import { detachJob } from './detach-job.ts';
import { executorStatus, executorStop } from './executor-status.ts';
import { initialize } from './initialize.ts';
import { getJob, listJobs } from './list-jobs.ts';
import type { MethodServices } from './method-services.ts';
import { readJob } from './read-job.ts';
import { searchJob } from './search-job.ts';
import type { Session } from './session.ts';
import { startJob } from './start-job.ts';
import { waitJob } from './wait-job.ts';
import { closeStdin, writeJob } from './write-job.ts';

/** The handler of every method. */
export function createHandlers(services: MethodServices): Handlers<Session> {
  return {
    initialize: initialize(services),
    'job/start': startJob(services),
    'job/attach': attachJob(services),
    'job/detach': detachJob(services),
    'job/credit': creditJob(services),
    'job/read': readJob(services),
    'job/search': searchJob(services),
    'job/write': writeJob(services),
    'job/closeStdin': closeStdin(services),
    'job/pause': pauseJob(services),
    'job/resume': resumeJob(services),
    'job/interrupt': interruptJob(services),
    'job/cancel': cancelJob(services),
    'job/wait': waitJob(services),
    'job/get': getJob(services),
    'job/list': listJobs(services),
    'executor/status': executorStatus(services),
    'executor/stop': executorStop(services),
  };
}

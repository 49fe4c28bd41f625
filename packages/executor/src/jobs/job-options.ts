import type { StartJobParams } from '@cc-executor/protocol';
import type { OutputLog } from '../output/output-log.ts';
import type { JobStore } from '../store/job-store.ts';
import type { AttemptServices } from './attempt.ts';
import type { Launch } from './launch.ts';

/** What a job needs of the executor. */
export interface JobServices extends AttemptServices {
  readonly store: JobStore;
  readonly now: () => Date;
}

/** What a job is made of. */
export interface JobOptions {
  readonly jobId: string;
  readonly params: StartJobParams;
  readonly launch: Launch;
  readonly lane: string;
  readonly title: string;
  readonly log: OutputLog;
  readonly timeoutMs: number;
  /** Tells whether a repeated start is the same request. */
  readonly paramsHash: string;
  readonly services: JobServices;
}

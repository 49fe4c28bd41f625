import type { Containment, StartJobParams } from '@cc-executor/protocol';
import type { OutputLog } from '../output/output-log.ts';
import type { AttemptServices } from './attempt.ts';
import type { ClockLimits } from './job-clocks.ts';
import type { RecorderServices } from './job-recorder.ts';
import type { Launch } from './launch.ts';

/** What a job needs of the executor. */
export interface JobServices extends AttemptServices, RecorderServices {}

/** What a job is made of. */
export interface JobOptions {
  readonly jobId: string;
  /** Its place among all jobs; its log lies under it. */
  readonly number: number;
  readonly params: StartJobParams;
  readonly launch: Launch;
  readonly lane: string;
  readonly title: string;
  readonly log: OutputLog;
  readonly containment: Containment;
  readonly clocks: ClockLimits;
  /** Tells whether a repeated start is the same request. */
  readonly paramsHash: string;
  readonly services: JobServices;
}

import {
  Containment,
  JobResult,
  JobState,
  type Attempt,
  type JobKind,
  type StartJobParams,
} from '@cc-executor/protocol';
import { z } from 'zod';
import type { LogCounts } from '../log-counts.ts';

/** A job as it is on disk. */
export interface JobRecord {
  readonly jobId: string;
  /** Its place among all jobs; its log lies under it. */
  readonly number: number;
  readonly kind: JobKind;
  readonly lane: string;
  readonly title: string;
  readonly cwd: string;
  /** Undefined in records of older versions. */
  readonly containment: Containment | undefined;
  /** Tells whether a repeated start is the same request. */
  readonly paramsHash: string;
  readonly sessionId: string | undefined;
  readonly state: JobState;
  readonly createdAt: string;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  readonly counts: LogCounts;
  readonly lastSeq: number;
  readonly drained: boolean | undefined;
  readonly result: JobResult | undefined;
  readonly attempts: readonly Attempt[];
}

/** What is known of a job before anything of it runs. */
export interface NewJobRecord {
  readonly jobId: string;
  readonly number: number;
  readonly kind: JobKind;
  readonly lane: string;
  readonly title: string;
  readonly cwd: string;
  readonly containment: Containment;
  readonly params: StartJobParams;
  readonly paramsHash: string;
  readonly sessionId: string | undefined;
  readonly state: JobState;
  readonly createdAt: string;
}

const JobRow = z.object({
  job_id: z.string(),
  number: z.number(),
  kind: z.enum(['command', 'claude']),
  lane: z.string(),
  title: z.string(),
  cwd: z.string(),
  params_hash: z.string(),
  session_id: z.string().nullable(),
  state: z.string(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  output_bytes: z.number(),
  dropped_bytes: z.number(),
  dropped_lines: z.number(),
  invalid_bytes: z.number(),
  stored_bytes: z.number(),
  last_seq: z.number(),
  drained: z.number().nullable(),
  result: z.string().nullable(),
  containment: Containment.nullable(),
});

const AttemptRow = z.object({
  attempt: z.number(),
  pid: z.number().nullable(),
  started_at: z.string(),
  exited_at: z.string().nullable(),
  code: z.number().nullable(),
  signal: z.string().nullable(),
});

/** Reads a job from its rows. */
export function readJobRecord(row: unknown, attemptRows: readonly unknown[]): JobRecord {
  const job = JobRow.parse(row);
  return {
    jobId: job.job_id,
    number: job.number,
    kind: job.kind,
    lane: job.lane,
    title: job.title,
    cwd: job.cwd,
    containment: job.containment ?? undefined,
    paramsHash: job.params_hash,
    sessionId: job.session_id ?? undefined,
    state: JobState.parse(JSON.parse(job.state)),
    createdAt: job.created_at,
    startedAt: job.started_at ?? undefined,
    endedAt: job.ended_at ?? undefined,
    counts: {
      outputBytes: job.output_bytes,
      droppedBytes: job.dropped_bytes,
      droppedLines: job.dropped_lines,
      invalidBytes: job.invalid_bytes,
      storedBytes: job.stored_bytes,
    },
    lastSeq: job.last_seq,
    drained: job.drained === null ? undefined : job.drained === 1,
    result: job.result === null ? undefined : JobResult.parse(JSON.parse(job.result)),
    attempts: attemptRows.map(readAttempt),
  };
}

function readAttempt(row: unknown): Attempt {
  const attempt = AttemptRow.parse(row);
  return {
    attempt: attempt.attempt,
    startedAt: attempt.started_at,
    ...(attempt.pid === null ? {} : { pid: attempt.pid }),
    ...(attempt.exited_at === null
      ? {}
      : { exitedAt: attempt.exited_at, code: attempt.code, signal: attempt.signal }),
  };
}

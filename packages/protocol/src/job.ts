import { z } from 'zod';
import { Containment } from './containment.ts';
import { Outcome } from './outcome.ts';
import { JobResult } from './claude-result.ts';

/** Identity of a job; a client may choose it, which makes starting idempotent. */
export const JobId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'letters, digits, - and _, at most 64');
export type JobId = z.infer<typeof JobId>;

export const JobKind = z.enum(['command', 'claude']);
export type JobKind = z.infer<typeof JobKind>;

/** Where a job stands. What belongs to one state lives in it. */
export const JobState = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('queued'),
    /** `capacity`: the lane is full. `hold`: the account met a limit. */
    reason: z.enum(['capacity', 'hold']),
    /** When a hold is expected to end (ISO 8601). */
    until: z.iso.datetime().optional(),
  }),
  z.object({ status: z.literal('starting') }),
  z.object({ status: z.literal('running'), paused: z.boolean() }),
  /** Its end has been decided; processes may still live. */
  z.object({ status: z.literal('stopping') }),
  z.object({ status: z.literal('ended'), outcome: Outcome }),
]);
export type JobState = z.infer<typeof JobState>;

/** Names of the job states, for filters. */
export const JobStatus = z.enum(['queued', 'starting', 'running', 'stopping', 'ended']);
export type JobStatus = z.infer<typeof JobStatus>;

/** One process tree of a job. A job that waited out a limit has two or more. */
export const Attempt = z.object({
  attempt: z.number().int().positive(),
  pid: z.number().int().positive().optional(),
  startedAt: z.iso.datetime(),
  exitedAt: z.iso.datetime().optional(),
  code: z.number().int().nullable().optional(),
  signal: z.string().nullable().optional(),
});
export type Attempt = z.infer<typeof Attempt>;

/** All that is known of a job, but its output. */
export const JobView = z.object({
  jobId: JobId,
  kind: JobKind,
  state: JobState,
  /** The command as words, or the beginning of the prompt; at most 200 characters. */
  title: z.string(),
  cwd: z.string(),
  lane: z.string(),
  /** How its processes are kept together. Absent in records of older versions. */
  containment: Containment.optional(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  attempts: z.array(Attempt),
  /** The session of a Claude job, known from its start. */
  sessionId: z.string().optional(),
  /** Raw bytes that the job has printed. */
  outputBytes: z.number().int().nonnegative(),
  /** Of these, bytes and lines that are no longer kept. */
  droppedBytes: z.number().int().nonnegative(),
  droppedLines: z.number().int().nonnegative(),
  /** Of these, bytes that are no UTF-8. */
  invalidBytes: z.number().int().nonnegative(),
  /** The job waits until its output is consumed; see `Retention`. Its clocks stand still. */
  isBlocked: z.boolean(),
  /** Sequence number of the last entry in its log. */
  lastSeq: z.number().int().nonnegative(),
  /** Followers attached now. */
  attachments: z.number().int().nonnegative(),
  /** Whether the output was read to its end. Only once ended. */
  drained: z.boolean().optional(),
  result: JobResult.optional(),
});
export type JobView = z.infer<typeof JobView>;

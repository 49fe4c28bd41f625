import { z } from 'zod';
import { JobId, JobState, JobStatus, JobView } from './job.ts';
import { Encoding, Include, LogEntry } from './log-entry.ts';
import { AttachOptions, CreditBytes } from './start-job.ts';

const jobId = { jobId: JobId };
const Seq = z.number().int().nonnegative();

/** Follow a job's log: replay from `afterSeq`, then live. One attachment per connection and job. */
export const AttachJobParams = AttachOptions.extend({ ...jobId, afterSeq: Seq.default(0) });
export const AttachJobResult = z.object({ ...jobId, state: JobState, lastSeq: Seq });

export const DetachJobParams = z.strictObject(jobId);
export const DetachJobResult = z.object(jobId);

/** Grant more credit after consuming output. */
export const CreditJobParams = z.strictObject({ ...jobId, bytes: CreditBytes.min(1) });
export const CreditJobResult = z.object({ ...jobId, creditBytes: z.number().int() });

/** Read from the log without following it. */
export const ReadJobParams = z.strictObject({
  ...jobId,
  /** Entries after this one. @default 0, the beginning */
  afterSeq: Seq.optional(),
  /** Instead of `afterSeq`: begin at the entry that holds the last so many bytes of output. */
  tailBytes: z.number().int().min(1).optional(),
  /** About how many raw bytes to answer at most; one entry always comes whole. */
  maxBytes: z
    .number()
    .int()
    .min(1)
    .max(1024 * 1024)
    .default(256 * 1024),
  /** How long to wait for a first entry when there is none yet. */
  waitMs: z.number().int().min(0).max(110_000).default(0),
  encoding: Encoding.default('utf8'),
  include: z.array(Include).max(2).optional(),
});
export const ReadJobResult = z.object({
  ...jobId,
  entries: z.array(LogEntry),
  /** Pass it as `afterSeq` to read on. */
  nextAfterSeq: Seq,
  state: JobState,
  /** The job is closed and nothing follows. */
  atEnd: z.boolean(),
});

/** Write to a job's standard input. The same `writeId` is written once, so a repeat is safe. */
export const WriteJobParams = z.strictObject({
  ...jobId,
  writeId: z.string().min(1).max(64),
  data: z.string().max(4 * 1024 * 1024),
  encoding: Encoding.default('utf8'),
});
export const WriteJobResult = z.object({ ...jobId, acceptedBytes: z.number().int() });

export const CloseStdinParams = z.strictObject(jobId);
export const CloseStdinResult = z.object(jobId);

/** Pause, resume or interrupt. They are idempotent; on an ended job both states say so. */
export const ControlJobParams = z.strictObject(jobId);
export const ControlJobResult = z.object({ ...jobId, before: JobState, after: JobState });

/** Cancel the whole tree: SIGTERM, and SIGKILL to what is left after `graceMs`. Answers at once. */
export const CancelJobParams = z.strictObject({
  ...jobId,
  /** 0 kills at once. @default 5 000 */
  graceMs: z.number().int().min(0).max(600_000).default(5_000),
});

/** Wait until any or all of the jobs have ended, at most `waitMs`. */
export const WaitJobParams = z.strictObject({
  jobIds: z.array(JobId).min(1).max(100),
  mode: z.enum(['any', 'all']).default('all'),
  waitMs: z.number().int().min(0).max(600_000).default(60_000),
});
export const WaitJobResult = z.object({
  /** The jobs as they are now, in the order asked for. */
  jobs: z.array(JobView),
  /** Whether what was waited for came true. */
  done: z.boolean(),
});

export const GetJobParams = z.strictObject(jobId);
export const GetJobResult = JobView;

/** Newest first. */
export const ListJobsParams = z.strictObject({
  states: z.array(JobStatus).max(5).optional(),
  limit: z.number().int().min(1).max(500).default(50),
  /** From the answer before, to read on. */
  cursor: z.string().max(100).optional(),
});
export const ListJobsResult = z.object({ jobs: z.array(JobView), nextCursor: z.string().optional() });

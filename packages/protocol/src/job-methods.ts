import { z } from 'zod';
import { JobId, JobState, JobStatus, JobView } from './job.ts';
import { Encoding, Include, LogEntry, OutputStream } from './log-entry.ts';
import { AttachOptions, CreditBytes } from './start-job.ts';

const jobId = { jobId: JobId };
const Seq = z.number().int().nonnegative();
const Offset = z.number().int().nonnegative();

/** Follow a job's log: replay from `afterSeq`, then live. One attachment per connection and job. */
export const AttachJobParams = AttachOptions.extend({
  ...jobId,
  afterSeq: Seq.default(0),
  /** Raw bytes of output up to `afterSeq`, when the caller knows: it makes the `lostBytes` of a gap exact. */
  afterOffset: Offset.optional(),
});
export const AttachJobResult = z.object({ ...jobId, state: JobState, lastSeq: Seq });

export const DetachJobParams = z.strictObject(jobId);
export const DetachJobResult = z.object(jobId);

/** Grant more credit after consuming output. */
export const CreditJobParams = z.strictObject({ ...jobId, bytes: CreditBytes.min(1) });
export const CreditJobResult = z.object({ ...jobId, creditBytes: z.number().int() });

const MAX_READ_BYTES = 1024 * 1024;

/** Read from the log without following it. At most one of `afterSeq`, `offset`, `tailBytes`, `tailLines`. */
export const ReadJobParams = z
  .strictObject({
    ...jobId,
    /** Entries after this one. @default 0, the beginning */
    afterSeq: Seq.optional(),
    /** Begin at this raw byte of the output. */
    offset: Offset.optional(),
    /** Begin so many raw bytes before the end of the output. */
    tailBytes: z.number().int().min(1).optional(),
    /** Begin so many lines before the end of the output, as far as `maxBytes` reaches back. */
    tailLines: z.number().int().min(1).optional(),
    /** Stop after so many lines of output. */
    maxLines: z.number().int().min(1).optional(),
    /** About how many raw bytes to answer at most; without `offset` or lines, one entry always comes whole. */
    maxBytes: z
      .number()
      .int()
      .min(1)
      .max(MAX_READ_BYTES)
      .default(256 * 1024),
    /** How long to wait for a first entry when there is none yet. */
    waitMs: z.number().int().min(0).max(110_000).default(0),
    encoding: Encoding.default('utf8'),
    include: z.array(Include).max(2).optional(),
    /** Output of this stream only. */
    stream: OutputStream.optional(),
  })
  .refine(
    ({ afterSeq, offset, tailBytes, tailLines }) =>
      [afterSeq, offset, tailBytes, tailLines].filter((from) => from !== undefined).length <= 1,
    { message: 'takes at most one of afterSeq, offset, tailBytes and tailLines', path: ['afterSeq'] },
  );
export const ReadJobResult = z.object({
  ...jobId,
  /** Output that begins or ends inside an entry has that entry's `seq` and its own `offset` and `bytes`. */
  entries: z.array(LogEntry),
  /** Pass it as `afterSeq` to read on from the first entry that has not come whole. */
  nextAfterSeq: Seq,
  /** Pass it as `offset` to read on from the first byte of output that has not come. */
  nextOffset: Offset,
  state: JobState,
  /** The job is closed and nothing follows. */
  atEnd: z.boolean(),
});

/** Find lines of the output that hold a text. Lines go by the bytes of both streams as they came, or of one. */
export const SearchJobParams = z.strictObject({
  ...jobId,
  /** What to look for, taken literally, within one line. */
  text: z
    .string()
    .min(1)
    .max(1_000)
    .refine((text) => !/[\r\n]/.test(text), 'must be within one line'),
  /** Where to begin. @default the first byte that is kept */
  offset: Offset.optional(),
  stream: OutputStream.optional(),
  /** Lines before and after each match to show with it. */
  contextLines: z.number().int().min(0).max(20).default(0),
  maxMatches: z.number().int().min(1).max(1_000).default(50),
});
export const SearchJobResult = z.object({
  ...jobId,
  matches: z.array(
    z.object({
      /** Raw byte of the output at which the line begins. */
      offset: Offset,
      /** The line without its end; of a long one what is around the match, at most 2 000 bytes. */
      line: z.string(),
      before: z.array(z.string()),
      after: z.array(z.string()),
    }),
  ),
  /** The first byte that was searched. Later than asked for when what came before is no longer there. */
  fromOffset: Offset,
  /** Pass it as `offset` to search on. */
  nextOffset: Offset,
  /** All that there is now was searched. False: `maxMatches` or the bound of one search was met. */
  isComplete: z.boolean(),
});
export type SearchJobParams = z.infer<typeof SearchJobParams>;
export type SearchJobResult = z.infer<typeof SearchJobResult>;

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

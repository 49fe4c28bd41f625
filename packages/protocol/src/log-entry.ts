import { z } from 'zod';
import { ClaudeEvent } from './claude-event.ts';
import { JobResult } from './claude-result.ts';
import { JobState } from './job.ts';
import { Limit } from './limit.ts';
import { Outcome } from './outcome.ts';

/** How output bytes travel: `utf8` is decoded per stream, `base64` is byte-exact and, measured, fastest. */
export const Encoding = z.enum(['utf8', 'base64']);
export type Encoding = z.infer<typeof Encoding>;

/** Which of the bulky entries a follower wants. State, limit and the end always come. */
export const Include = z.enum(['output', 'event']);
export type Include = z.infer<typeof Include>;

export const OutputStream = z.enum(['stdout', 'stderr']);
export type OutputStream = z.infer<typeof OutputStream>;

const seq = z.number().int().positive();
const at = z.iso.datetime();
const exit = { code: z.number().int().nullable(), signal: z.string().nullable() };

/** One entry of a job's output log, as it goes over the wire. `seq` rises strictly within a job. */
export const LogEntry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), seq, at, state: JobState }),
  /** An attempt's process runs. */
  z.object({ type: z.literal('started'), seq, at, attempt: z.number().int(), pid: z.number().int() }),
  z.object({
    type: z.literal('output'),
    seq,
    /** Raw bytes that the job had printed before these, over both streams. */
    offset: z.number().int().nonnegative(),
    /** Raw bytes in this entry: what credit counts. */
    bytes: z.number().int().nonnegative(),
    stream: OutputStream,
    encoding: Encoding,
    data: z.string(),
    /** Raw bytes that are no UTF-8 and read as U+FFFD here; absent when there are none, and under `base64`. */
    invalidBytes: z.number().int().positive().optional(),
  }),
  z.object({ type: z.literal('event'), seq, at, event: ClaudeEvent }),
  z.object({ type: z.literal('limit'), seq, at, limit: Limit }),
  /** An attempt's leader has exited; others of its tree may live and print. */
  z.object({ type: z.literal('exited'), seq, at, attempt: z.number().int(), ...exit }),
  /** The last entry: the tree is empty and nothing more will be printed. */
  z.object({
    type: z.literal('closed'),
    seq,
    at,
    outcome: Outcome,
    /** False when output was cut off because something held the pipe open. */
    drained: z.boolean(),
    result: JobResult.optional(),
  }),
  /**
   * Entries from `fromSeq` up to, not including, `firstSeq` are no longer there. `lostBytes` of output were in them:
   * exactly so much when the reader has come from the beginning or has told its `afterOffset`; else all before
   * `firstSeq` is counted.
   */
  z.object({
    type: z.literal('gap'),
    fromSeq: seq,
    firstSeq: seq,
    lostBytes: z.number().int().nonnegative(),
  }),
]);
export type LogEntry = z.infer<typeof LogEntry>;
export type LogEntryType = LogEntry['type'];

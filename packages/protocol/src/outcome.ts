import { z } from 'zod';
import { Limit } from './limit.ts';

/**
 * Why a job failed. `spawn` never ran; `exit` and `signal` are the leader's own end; `outputQuota`: it printed more
 * than is kept and its retention is `fail`; `disk`: the disk did not take its output; the others are Claude's.
 */
export const FailureReason = z.enum([
  'exit',
  'signal',
  'spawn',
  'api',
  'network',
  'model',
  'refusal',
  'schema',
  'startup',
  'outputQuota',
  'disk',
  'internal',
]);
export type FailureReason = z.infer<typeof FailureReason>;

/** Who or what cancelled a job. `interrupt` ended a Claude's turn and kept its session. */
export const CancelledBy = z.enum(['client', 'interrupt', 'detach', 'parent', 'shutdown']);
export type CancelledBy = z.infer<typeof CancelledBy>;

/** Which of a job's clocks ran out: all of its time, too long a silence, no beginning. They count running time only. */
export const TimedOutWhich = z.enum(['total', 'idle', 'start']);
export type TimedOutWhich = z.infer<typeof TimedOutWhich>;

/**
 * How a job ended: a closed union, never guessed from the exit code alone.
 *
 * A request that policy refuses is an error reply and creates no job, so it has no outcome.
 */
export const Outcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('succeeded') }),
  z.object({
    status: z.literal('failed'),
    reason: FailureReason,
    /** The leader's exit code, for `exit`. */
    exitCode: z.number().int().optional(),
    /** The signal that ended the leader, such as `SIGKILL`, for `signal`. */
    signal: z.string().optional(),
    /** What happened, for people. Programs branch on `reason`. */
    message: z.string().optional(),
  }),
  z.object({ status: z.literal('limited'), limit: Limit }),
  z.object({ status: z.literal('cancelled'), by: CancelledBy }),
  z.object({ status: z.literal('timed_out'), which: TimedOutWhich }),
  /** A Claude that stopped making progress and had to be ended. */
  z.object({ status: z.literal('stalled'), message: z.string().optional() }),
  /** The executor died while the job ran; its output up to then is kept. */
  z.object({ status: z.literal('lost'), message: z.string().optional() }),
]);
export type Outcome = z.infer<typeof Outcome>;

import { z } from 'zod';
import { ClaudeSpec } from './claude-spec.ts';
import { JobId, JobState } from './job.ts';
import { Encoding, Include } from './log-entry.ts';
import { ResourceLimits } from './resource-limits.ts';
import { Retention } from './retention.ts';

/** Largest credit that a follower may hold, in raw bytes. */
export const MAX_CREDIT_BYTES = 64 * 1024 * 1024;

/** Raw bytes of output that may be sent and not yet consumed. */
export const CreditBytes = z.number().int().min(0).max(MAX_CREDIT_BYTES);

/** How a follower wants a job's log. */
export const AttachOptions = z.strictObject({
  encoding: Encoding.default('utf8'),
  creditBytes: CreditBytes.default(1024 * 1024),
  /** @default `output` for commands, `event` for Claude jobs */
  include: z.array(Include).max(2).optional(),
});
export type AttachOptions = z.infer<typeof AttachOptions>;

const noNul = (text: string): boolean => !text.includes('\0');
const argument = z
  .string()
  .max(1024 * 1024)
  .refine(noNul, 'must not contain NUL');
const timeoutMs = z
  .number()
  .int()
  .min(1)
  .max(14 * 24 * 3600 * 1000);

const common = {
  /** Chosen by the client, it makes the request safe to repeat: the same id with the same parameters answers again. */
  jobId: JobId.optional(),
  /** Absolute path of the folder to work in. */
  cwd: z.string().min(1).max(4096).refine(noNul, 'must not contain NUL'),
  /** @default the lane named like the kind */
  lane: z.string().min(1).max(64).optional(),
  /** Higher goes first within a lane. @default 0 */
  priority: z.number().int().min(-1000).max(1000).default(0),
  /** What becomes of the job 10 s after its last attachment is gone. */
  onDetach: z.enum(['cancel', 'keep']).default('cancel'),
  /** Most running time. @default 600 000 for commands, 3 600 000 for Claude jobs */
  timeoutMs: timeoutMs.optional(),
  /** Most running time without any output. @default none */
  idleTimeoutMs: timeoutMs.optional(),
  /** Most running time until the process has begun; a Claude has when it has said `init`. @default 60 000 */
  startTimeoutMs: timeoutMs.optional(),
  /** Limits of its processes; where the executor has some too, the smaller value holds. @default the executor's */
  limits: ResourceLimits.optional(),
  /** How much of its output is kept, and what happens beyond that. */
  retention: Retention.optional(),
  /** Follow the job from its first entry; `false` to start it only. @default followed, as utf8 */
  attach: z.union([AttachOptions, z.literal(false)]).optional(),
};

const StartCommandParams = z.strictObject({
  ...common,
  kind: z.literal('command'),
  /** Program and arguments, used as they are. Either this or `command`. */
  argv: z.array(argument).min(1).max(10_000).optional(),
  /** A line. Plain words are split into argv; anything more needs the shell capability. */
  command: argument.min(1).optional(),
  /** Variables for the process. Policy lists which names a program may be given. */
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
      z.string().max(65_536).refine(noNul, 'must not contain NUL'),
    )
    .optional(),
  /** `pipe` keeps standard input open for `job/write`. @default none */
  stdin: z.enum(['none', 'pipe']).default('none'),
});

const StartClaudeParams = z.strictObject({ ...common, kind: z.literal('claude'), ...ClaudeSpec.shape });

/** Start a job. A refusal is an error reply and leaves no job behind. */
export const StartJobParams = z
  .discriminatedUnion('kind', [StartCommandParams, StartClaudeParams])
  .refine((job) => job.kind !== 'command' || (job.argv === undefined) !== (job.command === undefined), {
    message: 'a command job takes exactly one of argv and command',
    path: ['argv'],
  })
  .refine((job) => job.kind !== 'claude' || job.fork !== true || job.sessionId !== undefined, {
    message: 'fork needs the sessionId to copy',
    path: ['fork'],
  })
  .refine(({ kind, retention }) => kind !== 'claude' || (retention?.atQuota ?? 'tail') === 'tail', {
    message: 'a Claude job keeps the tail of its output',
    path: ['retention', 'atQuota'],
  });
export type StartJobParams = z.infer<typeof StartJobParams>;
export type StartCommandParams = z.infer<typeof StartCommandParams>;
export type StartClaudeParams = z.infer<typeof StartClaudeParams>;

export const StartJobResult = z.object({
  jobId: JobId,
  state: JobState,
  /** Jobs of the lane before this one, when it is queued. */
  position: z.number().int().nonnegative().optional(),
});
export type StartJobResult = z.infer<typeof StartJobResult>;

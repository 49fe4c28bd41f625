import { z } from 'zod';

/** What kept a Claude from going on. */
export const LimitKind = z.enum([
  'rate',
  'usage',
  'context',
  'output',
  'turns',
  'budget',
  'billing',
  'auth',
  'overloaded',
]);
export type LimitKind = z.infer<typeof LimitKind>;

/**
 * A limit that a Claude met, with the facts that are known.
 *
 * Limits come from structured fields of the CLI's output only, never from text that a model or a tool wrote.
 */
export const Limit = z.object({
  kind: LimitKind,
  /** What the service said, for people. */
  message: z.string(),
  /** What the caller can do next, for people. */
  hint: z.string(),
  /** For `context`: the prompt with its history did not fit, or the answer filled what was left. */
  filledBy: z.enum(['prompt', 'answer']).optional(),
  /** When the limit ends (ISO 8601), when the service said so. */
  resetsAt: z.iso.datetime().optional(),
  /** How long to wait, in milliseconds, when the service or the CLI said so. */
  retryAfterMs: z.number().int().nonnegative().optional(),
  /** The usage window, such as `five_hour` or `seven_day_opus`. */
  window: z.string().optional(),
  /** HTTP status of the refusal. */
  httpStatus: z.number().int().optional(),
  /** Figures that the limit is about, such as `{maxTurns: 2}` or `{utilization: 1}`. */
  numbers: z.record(z.string(), z.number()).optional(),
});
export type Limit = z.infer<typeof Limit>;

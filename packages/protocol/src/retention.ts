import { z } from 'zod';

/**
 * What becomes of a job's output when its log is full.
 *
 * `block`: the job waits until the slowest of those who follow its output has consumed some; what all have consumed
 * is dropped. With nobody following it is `tail`. `tail`: the oldest is dropped, and readers get a `gap`. `fail`: the
 * job is ended as `failed {reason: outputQuota}`.
 */
export const AtQuota = z.enum(['block', 'tail', 'fail']);
export type AtQuota = z.infer<typeof AtQuota>;

/** How much of a job's output is kept. Where the executor has a bound too, the smaller one holds. */
export const Retention = z.strictObject({
  /** @default `block` for commands; Claude jobs are always `tail` */
  atQuota: AtQuota.optional(),
  /** Bytes of the log on disk, at least 1 MiB. @default the executor's `maxOutputBytes`, 1 GiB */
  maxBytes: z
    .number()
    .int()
    .min(1024 * 1024)
    .optional(),
  /** Lines, counted over both streams. What is dropped is dropped in larger pieces, so fewer may be kept. @default any */
  maxLines: z.number().int().min(1).optional(),
  /** Drop what is older than this, in milliseconds, while the job lives. @default none */
  maxAgeMs: z.number().int().min(1_000).optional(),
});
export type Retention = z.infer<typeof Retention>;

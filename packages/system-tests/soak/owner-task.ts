import { z } from 'zod';

/** What an owner is told to do. */
export const OwnerTask = z.strictObject({
  tier: z.enum(['pidns', 'portable']),
  instanceId: z.string(),
  journalPath: z.string(),
  /** Without one it only opens its host, which ends what an earlier owner has left. */
  program: z.strictObject({ name: z.string(), args: z.array(z.string()) }).optional(),
});
export type OwnerTask = z.infer<typeof OwnerTask>;

const atMs = z.number();

/** What an owner says on its stdout, one line of JSON each, in this order; `atMs` as of {@link machineMs}. */
export const OwnerReport = z.discriminatedUnion('at', [
  /** The host is there, and what was left by an earlier one is not. */
  z.strictObject({ at: z.literal('opened'), atMs, guardian: z.number() }),
  /** From here on processes may come into being. */
  z.strictObject({ at: z.literal('spawning'), atMs }),
  /** The gate is open: the program runs. */
  z.strictObject({ at: z.literal('started'), atMs }),
  z.strictObject({ at: z.literal('refused'), atMs, reason: z.string() }),
  /** The guardian had died and another has taken over. */
  z.strictObject({ at: z.literal('guardedAgain'), atMs, guardian: z.number() }),
]);
export type OwnerReport = z.infer<typeof OwnerReport>;

/** Milliseconds of a clock that all processes of the machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

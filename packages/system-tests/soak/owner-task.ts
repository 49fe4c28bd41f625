import { z } from 'zod';

/** What an owner is told to do. */
export const OwnerTask = z.strictObject({
  tier: z.enum(['pidns', 'portable']),
  instanceId: z.string(),
  journalPath: z.string(),
  /** Without one it only opens its host, which ends what an earlier owner has left. */
  program: z.strictObject({ name: z.string(), args: z.array(z.string()) }).optional(),
  /** Whether another program has run before, so that the host has prepared for this one. */
  isWarm: z.boolean().optional(),
});
export type OwnerTask = z.infer<typeof OwnerTask>;

const atMs = z.number();

/** What an owner says on its stdout, one line of JSON each, in this order; `atMs` as of `machineMs`. */
export const OwnerReport = z.discriminatedUnion('at', [
  /** The host is there, and what was left by an earlier one is not. */
  z.strictObject({ at: z.literal('opened'), atMs, guardian: z.number() }),
  /** All is prepared, and the program will be started at that time. */
  z.strictObject({ at: z.literal('ready'), atMs, spawnAtMs: z.number() }),
  /** From here on processes of the program may come into being. */
  z.strictObject({ at: z.literal('spawning'), atMs }),
  /** The gate is open: the program runs. */
  z.strictObject({ at: z.literal('started'), atMs }),
  z.strictObject({ at: z.literal('refused'), atMs, reason: z.string() }),
  /** The guardian had died and another has taken over. */
  z.strictObject({ at: z.literal('guardedAgain'), atMs, guardian: z.number() }),
]);
export type OwnerReport = z.infer<typeof OwnerReport>;

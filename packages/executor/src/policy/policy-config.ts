import { PermissionMode } from '@cc-executor/protocol';
import { z } from 'zod';

const words = z.string().min(1).max(4096);
const tokens = z.strictObject({
  program: z.string().min(1).max(4096),
  args: z.array(z.string().max(4096)).max(100).optional(),
});
/**
 * A rule over argv tokens. As a string: `"ls"` is the program with any arguments, `"git diff *"` asks for
 * `diff` and then anything, `"git status"` for exactly that. As an object the tokens stand alone.
 */
export const RuleConfig = z.union([words, tokens]);
export type RuleConfig = z.infer<typeof RuleConfig>;

/** A rule that allows. It may keep what it allows out of a namespace, for programs that need privileges, such as sudo. */
export const AllowRuleConfig = z.union([
  words,
  tokens.extend({ containment: z.literal('portable').optional() }),
]);
export type AllowRuleConfig = z.infer<typeof AllowRuleConfig>;

/** The name of a variable, or a prefix followed by `*`. A bare `*` would pass on everything, tokens included. */
const variable = z
  .string()
  .max(256)
  .regex(/^[^=*\0]+\*?$/, 'must be the name of a variable, or the beginning of one followed by *');

/** What may run. It lies outside every workspace; jobs cannot edit it. */
export const PolicyConfig = z.strictObject({
  /** Rules besides the built-in everyday commands. */
  allow: z.array(AllowRuleConfig).max(1000).default([]),
  /** Rules that win over every `allow`. */
  deny: z.array(RuleConfig).max(1000).default([]),
  /** Whether the built-in list of everyday commands counts. @default true */
  everydayCommands: z.boolean().default(true),
  /** Whether shell lines may run: `full` runs any line as you would. @default off */
  shell: z.enum(['off', 'full']).default('off'),
  /** Folders that a job may work in, with all below them. @default any */
  cwdRoots: z.array(z.string().startsWith('/')).max(100).default([]),
  /** Variables that a job may set, by program name; `*` stands for every program. */
  environment: z.record(z.string(), z.array(variable).max(200)).default({}),
  claude: z
    .strictObject({
      /** Whether Claude jobs may run. */
      allowed: z.boolean().default(true),
      /** Permission modes that a job may ask for. Not `bypassPermissions` unless listed. */
      permissionModes: z.array(PermissionMode).default(['default', 'acceptEdits', 'plan', 'dontAsk']),
      /** Most dollars one job may be given; a job that asks for none gets this. @default no maximum */
      maxBudgetUsd: z.number().positive().optional(),
      /** Most turns one job may be given; a job that asks for none gets this. @default no maximum */
      maxTurns: z.number().int().positive().optional(),
    })
    .prefault({}),
});
export type PolicyConfig = z.infer<typeof PolicyConfig>;

import { z } from 'zod';

/** Tokens of one Claude job, summed over its models, sub-agents included. */
export const TokenUsage = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cacheReadTokens: z.number().int().nonnegative(),
  cacheCreationTokens: z.number().int().nonnegative(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/** What a Claude job brought back, complete or, with a limit or a failure, so far. */
export const ClaudeResult = z.object({
  kind: z.literal('claude'),
  /** The answer, assembled from all its segments; empty when none came. */
  text: z.string(),
  /** Continue the conversation with it. Absent when the CLI never started a session. */
  sessionId: z.string().optional(),
  model: z.string().optional(),
  /** Turns that the CLI counted. */
  turns: z.number().int().nonnegative(),
  usage: TokenUsage,
  /** Dollars, as the CLI estimates them from its price table. */
  costUsd: z.number().nonnegative(),
  /** The answer as data, when an `outputSchema` was given and met. */
  structuredOutput: z.unknown().optional(),
  /** Tools that the run asked for and was not allowed to use. */
  permissionDenials: z.array(z.object({ toolName: z.string(), toolUseId: z.string().optional() })),
  /** Background tasks that were still alive at the end and were ended. */
  backgroundTasksEnded: z.number().int().nonnegative(),
});
export type ClaudeResult = z.infer<typeof ClaudeResult>;

/** What a command brought back. Its output is read from the log. */
export const CommandResult = z.object({
  kind: z.literal('command'),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
});
export type CommandResult = z.infer<typeof CommandResult>;

/** What a job brought back. */
export const JobResult = z.discriminatedUnion('kind', [CommandResult, ClaudeResult]);
export type JobResult = z.infer<typeof JobResult>;

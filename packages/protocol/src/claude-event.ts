import { z } from 'zod';
import { TokenUsage } from './claude-result.ts';

/** Set on everything that a sub-agent of the run did, so that it stays apart from the answer. */
const agent = { agentId: z.string().optional() };

/** One thing that happened inside a Claude, read from its stream-json output. */
export const ClaudeEvent = z.discriminatedUnion('type', [
  /** A turn begins. The first one tells that the CLI is up. */
  z.object({
    type: z.literal('init'),
    sessionId: z.string(),
    model: z.string().optional(),
    cliVersion: z.string().optional(),
    permissionMode: z.string().optional(),
    cwd: z.string().optional(),
    mcpServers: z.array(z.object({ name: z.string(), status: z.string() })),
  }),
  /** A piece of the answer as it is written. `messageId` ties it to a later `textWithdrawn`. */
  z.object({ type: z.literal('textDelta'), text: z.string(), messageId: z.string().optional(), ...agent }),
  /** A whole block of text; it repeats what its deltas said. */
  z.object({ type: z.literal('text'), text: z.string(), messageId: z.string().optional(), ...agent }),
  /** The CLI gave up a broken message: what was streamed of it is void. */
  z.object({ type: z.literal('textWithdrawn'), messageId: z.string().optional() }),
  z.object({
    type: z.literal('toolUse'),
    toolUseId: z.string(),
    name: z.string(),
    /** The telling part of the input, at most 200 characters. */
    summary: z.string(),
    ...agent,
  }),
  z.object({
    type: z.literal('toolResult'),
    toolUseId: z.string(),
    isError: z.boolean(),
    /** The beginning of the result, at most 200 characters. */
    summary: z.string(),
    ...agent,
  }),
  z.object({ type: z.literal('permissionDenied'), toolName: z.string(), message: z.string().optional() }),
  /** The CLI met an error and waits before it asks again. */
  z.object({
    type: z.literal('retryWait'),
    attempt: z.number(),
    maxRetries: z.number(),
    delayMs: z.number(),
    httpStatus: z.number().nullable(),
    error: z.string(),
  }),
  /** State of the account's usage window; `rejected` alone does not mean that this run was stopped. */
  z.object({
    type: z.literal('rateLimit'),
    status: z.string(),
    window: z.string().optional(),
    utilization: z.number().optional(),
    resetsAt: z.iso.datetime().optional(),
    isUsingOverage: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('compaction'),
    phase: z.enum(['started', 'succeeded', 'failed', 'boundary']),
    tokensBefore: z.number().optional(),
    tokensAfter: z.number().optional(),
  }),
  /** The answer met the model's output maximum; the CLI goes on by itself. */
  z.object({ type: z.literal('outputMaximum') }),
  /** Tokens and dollars so far, summed over the process. */
  z.object({ type: z.literal('usage'), usage: TokenUsage, costUsd: z.number().optional() }),
  /** The tasks that run in the background now. */
  z.object({ type: z.literal('backgroundTasks'), count: z.number().int() }),
  /** A turn ended. More may follow while background tasks live. */
  z.object({ type: z.literal('turnEnded'), isError: z.boolean(), subtype: z.string() }),
  /** A line of a type that we do not know, a control message, or something that is no JSON (`garbage`). */
  z.object({ type: z.literal('other'), name: z.string() }),
]);
export type ClaudeEvent = z.infer<typeof ClaudeEvent>;

import { z } from 'zod';

/** How a Claude may be asked to treat tools that need permission. */
export const PermissionMode = z.enum(['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions']);
export type PermissionMode = z.infer<typeof PermissionMode>;

/** Largest prompt, in characters. It fits one frame even when each takes three bytes. */
export const MAX_PROMPT_CHARS = 4 * 1024 * 1024;

const name = z.string().min(1).max(256);
const text = z.string().max(1024 * 1024);

/** What a fresh Claude is launched with. Everything but the prompt is optional. */
export const ClaudeSpec = z.strictObject({
  /** The task. Any text, also one that begins with `-` or `/`. */
  prompt: z.string().min(1).max(MAX_PROMPT_CHARS),
  /** Continue this session instead of starting an empty one. */
  sessionId: z.uuid().optional(),
  /** With `sessionId`: leave that session as it is and continue in a copy. */
  fork: z.boolean().optional(),
  /** A model name or alias, such as `opus` or `haiku`. */
  model: name.optional(),
  /** Tools that need no permission, such as `Read` or `Bash(git diff *)`. */
  allowedTools: z.array(name).max(200).optional(),
  disallowedTools: z.array(name).max(200).optional(),
  /** @default the CLI's own, `default`: what would ask is denied */
  permissionMode: PermissionMode.optional(),
  /** Replaces the CLI's system prompt. */
  systemPrompt: text.optional(),
  /** Comes after the CLI's system prompt. */
  appendSystemPrompt: text.optional(),
  maxTurns: z.number().int().min(1).max(10_000).optional(),
  /** Dollars, at the CLI's own estimate. */
  maxBudgetUsd: z.number().positive().max(100_000).optional(),
  /** JSON Schema of the answer; a run that does not meet it is `failed {reason: schema}`. */
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  /** More folders that the Claude may read and write. Absolute paths. */
  addDirs: z.array(z.string().min(1).max(4096)).max(50).optional(),
  /** MCP servers for this run, by name; exactly these and no configured ones. */
  mcpServers: z.record(name, z.record(z.string(), z.unknown())).optional(),
  /** Which settings files count. @default the CLI's own: all */
  settingSources: z.array(z.enum(['user', 'project', 'local'])).optional(),
  /** Start without the CLI's own extras: a short system prompt and few tools. Needs an API key. */
  bare: z.boolean().optional(),
});
export type ClaudeSpec = z.infer<typeof ClaudeSpec>;

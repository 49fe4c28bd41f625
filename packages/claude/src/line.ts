import { z } from 'zod';

/**
 * The lines of the CLI's stream-json output, as far as we read them.
 * Each field stands alone: one of an unexpected kind is as good as absent and costs nothing else of its line.
 */
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const text = lenient(z.string());
const number = lenient(z.number());
const count = z.number().int().nonnegative().catch(0).default(0);
const flag = lenient(z.boolean());
/** Set on the lines of a sub-agent. */
const agent = { agent_id: text, parent_tool_use_id: text };

const Block = z
  .looseObject({
    type: text,
    text,
    id: text,
    name: text,
    input: z.unknown().optional(),
    tool_use_id: text,
    is_error: flag,
    content: z.unknown().optional(),
  })
  .catch({});
/** A block of a message's content. */
export type Block = z.infer<typeof Block>;

const Content = z
  .union([z.string().transform((text): Block[] => [{ type: 'text', text }]), z.array(Block)])
  .catch([]);

const Usage = lenient(
  z.looseObject({
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
  }),
);
/** Tokens of one message, as the service counts them. */
export type Usage = NonNullable<z.infer<typeof Usage>>;

/** Any line: what it is and whose. */
export const AnyLine = z.looseObject({ type: z.string(), subtype: text, ...agent });

/** What the CLI says about itself. */
export const SystemLine = z.looseObject({
  session_id: text,
  model: text,
  claude_code_version: text,
  permissionMode: text,
  cwd: text,
  mcp_servers: z.array(z.looseObject({ name: z.string(), status: z.string() })).catch([]),
  compact_result: text,
  status: text,
  compact_metadata: lenient(z.looseObject({ pre_tokens: number, post_tokens: number })),
  attempt: number,
  max_retries: number,
  retry_delay_ms: number,
  error_status: number,
  error: text,
  tool_name: text,
  tool_use_id: text,
  message: text,
  tasks: z.array(z.unknown()).catch([]),
  retracted_message_uuids: z.array(z.string()).catch([]),
});
export type SystemLine = z.infer<typeof SystemLine>;

/** A finished block of the model, or an error that the CLI puts in its place. */
export const AssistantLine = z.looseObject({
  uuid: text,
  message: z.looseObject({ id: text, content: Content }).catch({ content: [] }),
  error: text,
  is_api_error_message: flag,
  api_error_status: number,
  api_error: text,
  api_error_type: text,
  api_error_params: lenient(z.looseObject({ cut: text })),
  supersedes: z.array(z.string()).catch([]),
});
export type AssistantLine = z.infer<typeof AssistantLine>;

/** What the model is told: prompts, results of tools, notes of the CLI. */
export const UserLine = z.looseObject({
  message: z.looseObject({ content: Content }).catch({ content: [] }),
  isSynthetic: flag,
});
export type UserLine = z.infer<typeof UserLine>;

/** A piece of a message that is being written. */
export const StreamLine = z.looseObject({
  api_message_id: text,
  event: z
    .looseObject({
      type: z.string().catch(''),
      index: number,
      message: lenient(z.looseObject({ id: text, usage: Usage })),
      delta: lenient(z.looseObject({ type: text, text })),
      usage: Usage,
    })
    .catch({ type: '' }),
  abandoned_blocks: lenient(z.looseObject({ api_message_id: text, from_block_index: z.number() })),
});
export type StreamLine = z.infer<typeof StreamLine>;

const ModelUsage = z
  .looseObject({
    inputTokens: count,
    outputTokens: count,
    cacheReadInputTokens: count,
    cacheCreationInputTokens: count,
  })
  .catch({ inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 });

/** The end of a turn. */
export const ResultLine = z.looseObject({
  subtype: z.string().catch('unknown'),
  session_id: text,
  is_error: flag,
  num_turns: count,
  stop_reason: text,
  terminal_reason: text,
  api_error: text,
  api_error_status: number,
  api_error_type: text,
  result: text,
  errors: z.array(z.string()).catch([]),
  total_cost_usd: lenient(z.number().nonnegative()),
  modelUsage: lenient(z.record(z.string(), ModelUsage)),
  permission_denials: z.array(z.looseObject({ tool_name: z.string(), tool_use_id: text })).catch([]),
  structured_output: z.unknown().optional(),
});
export type ResultLine = z.infer<typeof ResultLine>;

/** The state of the account's usage window. */
export const RateLimitLine = z.looseObject({
  rate_limit_info: z.looseObject({
    status: z.string(),
    resetsAt: number,
    rateLimitType: text,
    utilization: number,
    isUsingOverage: flag,
  }),
});
export type RateLimitLine = z.infer<typeof RateLimitLine>;

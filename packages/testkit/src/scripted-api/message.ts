import type { MessageReply, ReplyBlock, StopReason } from './reply.ts';

/** Tokens of one answer, in the service's words. */
interface Usage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly service_tier: 'standard';
}

/** A reply with everything that depends on the request filled in. */
export interface PreparedMessage {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly (ReplyBlock & { readonly id: string })[];
  readonly stopReason: StopReason;
  readonly usage: Usage;
}

/** Fills in a reply: identity, stop reason and plausible usage, so that the CLI reports tokens and cost. */
export function prepareMessage(
  reply: MessageReply,
  context: { readonly number: number; readonly model: string; readonly bodyBytes: number },
): PreparedMessage {
  const serial = String(context.number).padStart(6, '0');
  const usesTool = reply.blocks.some((block) => block.type === 'tool_use');
  return {
    id: `msg_scripted${serial}`,
    model: context.model,
    blocks: reply.blocks.map((block, index) => ({ ...block, id: `toolu_scripted${serial}_${index}` })),
    stopReason: reply.stopReason ?? (usesTool ? 'tool_use' : 'end_turn'),
    usage: {
      input_tokens: reply.inputTokens ?? Math.ceil(context.bodyBytes / 4),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: reply.outputTokens ?? estimateTokens(reply.blocks),
      service_tier: 'standard',
    },
  };
}

/** Four characters a token, at least one. */
function estimateTokens(blocks: readonly ReplyBlock[]): number {
  return Math.max(1, Math.ceil(JSON.stringify(blocks).length / 4));
}

/** The whole answer in one object, for requests that do not stream. */
export function messageObject(message: PreparedMessage): Record<string, unknown> {
  return {
    id: message.id,
    type: 'message',
    role: 'assistant',
    model: message.model,
    content: message.blocks.map((block) =>
      block.type === 'text' ? { type: 'text', text: block.text } : { ...block },
    ),
    stop_reason: message.stopReason,
    stop_sequence: null,
    usage: message.usage,
  };
}

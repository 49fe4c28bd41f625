import type { IncomingHttpHeaders } from 'node:http';

interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly (TextBlock | { readonly type: 'image' })[];
  readonly is_error?: boolean;
}

/** The part of a request body that scenarios and tests look at. */
export interface MessagesBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly max_tokens: number;
  readonly messages: readonly {
    readonly role: 'user' | 'assistant';
    readonly content:
      | string
      | readonly (TextBlock | ToolResultBlock | { readonly type: 'tool_use' | 'thinking' | 'image' })[];
  }[];
  readonly tools?: readonly { readonly name: string }[];
  readonly system?: unknown;
}

/** A request for an answer, as the scripted service recorded it. */
export interface ApiRequest {
  readonly receivedAt: Date;
  readonly headers: IncomingHttpHeaders;
  readonly body: MessagesBody;
  /** Size of the body. */
  readonly bodyBytes: number;
  /** Which conversation asks; sub-agents share it with their parent. Empty when the client does not say. */
  readonly sessionId: string;
  /** 1 for the first request of this conversation to its scenario; attempts repeated by the CLI count too. */
  readonly attempt: number;
  /** The first user prompt of the conversation, without the reminders that the CLI adds. */
  readonly prompt: string;
  /** Texts of the tool results in the last message; empty when it holds none. */
  readonly toolResults: readonly string[];
}

const REMINDERS = /<system-reminder>[^]*?<\/system-reminder>\s*/g;

/** The first user prompt of a conversation, without the reminders that the CLI adds. */
export function promptOf(body: MessagesBody): string {
  const content = body.messages.find((message) => message.role === 'user')?.content ?? '';
  const texts =
    typeof content === 'string'
      ? [content]
      : content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
  return texts
    .map((text) => text.replaceAll(REMINDERS, ''))
    .filter((text) => text !== '')
    .join('\n');
}

/** Texts of the tool results in the last message. */
export function toolResultsOf(body: MessagesBody): string[] {
  const content = body.messages.at(-1)?.content ?? [];
  if (typeof content === 'string') return [];
  return content.flatMap((block) => (block.type === 'tool_result' ? [toolResultText(block)] : []));
}

function toolResultText(block: ToolResultBlock): string {
  if (block.content === undefined || typeof block.content === 'string') return block.content ?? '';
  return block.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** One block of an answer. */
export type ReplyBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly name: string; readonly input: Readonly<Record<string, unknown>> };

/** Why the model stopped, as the service names it. */
export type StopReason = 'end_turn' | 'tool_use' | 'max_tokens' | 'model_context_window_exceeded' | 'refusal';

/** An answer of the model, streamed when the request asks for it. */
export interface MessageReply {
  readonly kind: 'message';
  readonly blocks: readonly ReplyBlock[];
  /** @default `tool_use` when a block is one, else `end_turn` */
  readonly stopReason?: StopReason;
  /** Characters of text in one delta. @default 20 */
  readonly deltaChars?: number;
  /** Pause before each delta, in milliseconds. @default 0 */
  readonly delayMs?: number;
  /** @default an estimate from the length of the request */
  readonly inputTokens?: number;
  /** @default an estimate from the length of the answer */
  readonly outputTokens?: number;
  /** Instead of ending properly, after so many deltas: send nothing more, or cut the connection. */
  readonly breakOff?: { readonly afterDeltas: number; readonly how: 'hang' | 'drop' };
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal by HTTP status, in the service's error shape. */
export interface ErrorReply {
  readonly kind: 'error';
  readonly status: number;
  /** The service's name for it, such as `rate_limit_error`. */
  readonly type: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request is read and never answered, or its connection is cut without an answer. */
export interface SilentReply {
  readonly kind: 'hang' | 'drop';
}

/** What the scripted service does with one request. */
export type Reply = MessageReply | ErrorReply | SilentReply;

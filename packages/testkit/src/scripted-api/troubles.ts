import { text } from './answers.ts';
import type { ErrorReply, MessageReply, Reply, SilentReply, StopReason } from './reply.ts';

/** For troubles that pass: how many requests of a conversation meet it before the answer comes. */
export interface TimesOptions {
  /** @default every request */
  readonly times?: number;
}

function passing(trouble: Reply, times: number | undefined): Reply | Reply[] {
  if (times === undefined) return trouble;
  return [...Array.from({ length: times }, () => trouble), text()];
}

function error(status: number, type: string, message: string, headers?: Record<string, string>): ErrorReply {
  return { kind: 'error', status, type, message, ...(headers && { headers }) };
}

/** 429 for an API key, with or without `retry-after`. */
export function rateLimit(options: TimesOptions & { readonly retryAfterSeconds?: number } = {}) {
  const after = options.retryAfterSeconds;
  const headers = after === undefined ? undefined : { 'retry-after': String(after) };
  const message =
    "This request would exceed your organization's rate limit of 40,000 input tokens per minute.";
  return passing(error(429, 'rate_limit_error', message, headers), options.times);
}

/** 529: the service has no capacity. */
export function overloaded(options: TimesOptions = {}) {
  return passing(error(529, 'overloaded_error', 'Overloaded'), options.times);
}

/** 500: the service failed. */
export function serverError(options: TimesOptions = {}) {
  return passing(error(500, 'api_error', 'Internal server error'), options.times);
}

/** 401: the key is not valid. */
export function unauthorized(): ErrorReply {
  return error(401, 'authentication_error', 'invalid x-api-key');
}

/** 404: no such model. */
export function modelNotFound(): ErrorReply {
  return error(404, 'not_found_error', 'model: no-such-model');
}

/** 400: the account has no credit left. */
export function credit(): ErrorReply {
  return error(
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  );
}

/** 400: the prompt does not fit into the context window. */
export function promptTooLong(): ErrorReply {
  return error(400, 'invalid_request_error', 'prompt is too long: 212345 tokens > 200000 maximum');
}

/** The answer meets the output maximum, in every part of it or in the first `times`. */
export function maxTokens(options: TimesOptions = {}): MessageReply | MessageReply[] {
  const cut = cutAnswer('The first part of the answer, ', 'max_tokens', 32_000);
  if (options.times === undefined) return cut;
  return [...Array.from({ length: options.times }, () => cut), text({ text: 'and the last part.' })];
}

/** The answer fills the context window. */
export function contextWindow(): MessageReply {
  return { ...cutAnswer('The context ends', 'model_context_window_exceeded', 1000), inputTokens: 199_000 };
}

/** The safeguards stop the answer. */
export function refusal(): MessageReply {
  return cutAnswer('I cannot', 'refusal', 3);
}

function cutAnswer(answer: string, stopReason: StopReason, outputTokens: number): MessageReply {
  return { ...text({ text: answer, outputTokens }), stopReason };
}

/** Not even headers are ever sent. */
export function hang(): SilentReply {
  return { kind: 'hang' };
}

/** After a few deltas nothing more comes; the connection stays open. */
export function hangMidStream(options: { readonly afterDeltas?: number } = {}): MessageReply {
  return breaking('hang', options.afterDeltas);
}

/** After a few deltas the connection is cut, for every request or for the first `times`. */
export function dropMidStream(options: TimesOptions & { readonly afterDeltas?: number } = {}) {
  return passing(breaking('drop', options.afterDeltas), options.times);
}

function breaking(how: 'hang' | 'drop', afterDeltas = 3): MessageReply {
  return {
    ...text({ text: 'void '.repeat(20), deltaChars: 5, delayMs: 10 }),
    breakOff: { afterDeltas, how },
  };
}

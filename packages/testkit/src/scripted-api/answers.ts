import type { MessageReply, ReplyBlock } from './reply.ts';
import type { Scenario } from './scenario.ts';

/** How an answer is streamed. */
export interface StreamOptions {
  /** The whole text. */
  readonly text?: string;
  /** Characters of text in one delta. @default 20 */
  readonly deltaChars?: number;
  /** Pause before each delta, in milliseconds. */
  readonly delayMs?: number;
  /** What the answer cost, in tokens. @default estimates */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

const SHORT = 'This is the scripted answer.';

/** A streamed answer in text. */
export function text(options: StreamOptions = {}): MessageReply {
  const { text: answer = SHORT, ...rest } = options;
  return { kind: 'message', blocks: [{ type: 'text', text: answer }], ...rest };
}

/** Many small deltas with pauses between them. @default 40 words, 50 ms each */
export function slow(options: StreamOptions & { readonly words?: number } = {}): MessageReply {
  const { words = 40, ...rest } = options;
  const answer = Array.from({ length: words }, (_, index) => `w${String(index + 1).padStart(3, '0')} `).join(
    '',
  );
  return text({ text: answer, deltaChars: 5, delayMs: 50, ...rest });
}

/** An answer of characters that take two, three and four bytes. */
export function multiByte(options: StreamOptions = {}): MessageReply {
  return text({ text: 'Grüße, żółw, 日本語, 🙂🚀 – „Ende“. '.repeat(20), deltaChars: 1, ...options });
}

/** An answer that merely talks about limits, in the very words of an error. */
export function talksAboutLimits(options: StreamOptions = {}): MessageReply {
  return text({
    text:
      'API Error: Request rejected (429) · rate_limit_error\n' +
      "You've hit your limit · resets 4pm. Credit balance is too low. Prompt is too long.",
    ...options,
  });
}

/** What a model that uses a tool asks for and says afterwards. */
export interface ToolUseOptions {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Text before the tool use. @default none */
  readonly preface?: string;
  /** Text after the result; `{result}` stands for the result. @default `The tool said: {result}` */
  readonly answer?: string;
  /** How often the tool is used before the answer. @default 1 */
  readonly times?: number;
  /** What each answer of the model costs, in tokens. @default estimates */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** Uses a tool, then answers with text. */
export function toolUse(options: ToolUseOptions): Scenario {
  const { name, input, preface, answer = 'The tool said: {result}', times = 1, ...tokens } = options;
  const blocks: ReplyBlock[] = [{ type: 'tool_use', name, input }];
  if (preface !== undefined) blocks.unshift({ type: 'text', text: preface });
  return (request) => {
    const uses = request.body.messages.filter((message) => message.role === 'assistant').length;
    if (uses < times) return { kind: 'message', blocks, ...tokens };
    return text({ text: answer.replaceAll('{result}', () => request.toolResults.join('\n')), ...tokens });
  };
}

/** Runs a shell command with the Bash tool, then answers with text. */
export function bash(
  options: Partial<Omit<ToolUseOptions, 'name' | 'input'>> & { readonly command?: string } = {},
): Scenario {
  const { command = 'echo from-the-tool', ...rest } = options;
  return toolUse({ name: 'Bash', input: { command, description: 'scripted command' }, ...rest });
}

/** Gives the answer as data, as a run with a schema has to. */
export function structuredOutput(
  options: { readonly value?: Readonly<Record<string, unknown>> } = {},
): MessageReply {
  const input = options.value ?? { answer: 42 };
  return { kind: 'message', blocks: [{ type: 'tool_use', name: 'StructuredOutput', input }] };
}

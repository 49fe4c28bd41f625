import type { TokenUsage } from '@cc-executor/protocol';
import type { ResultLine, Usage } from './line.ts';

const none: TokenUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 };

/**
 * Tokens and dollars of one process. The CLI's own sums, which come with each result, are the truth;
 * in between, and when a run is ended before its result, the messages so far are added to them.
 */
export class UsageMeter {
  #reported = none;
  #sinceResult = none;
  /** What each conversation under way (the main one, or a sub-agent's) said at the start of its message. */
  readonly #started = new Map<string, Usage>();
  costUsd = 0;

  get usage(): TokenUsage {
    const unfinished = [...this.#started.values()].map((start) => tokensOf(start, undefined));
    return sum([this.#reported, this.#sinceResult, ...unfinished]);
  }

  messageStarted(conversation: string, usage: Usage | undefined): void {
    if (usage !== undefined) this.#started.set(conversation, usage);
  }

  messageEnded(conversation: string, usage: Usage | undefined): void {
    const start = this.#started.get(conversation);
    this.#started.delete(conversation);
    this.#sinceResult = sum([this.#sinceResult, tokensOf(start, usage)]);
  }

  resultCame(line: ResultLine): void {
    if (line.total_cost_usd !== undefined) this.costUsd = line.total_cost_usd;
    if (line.modelUsage === undefined) return;
    this.#sinceResult = none;
    this.#started.clear();
    this.#reported = sum(
      Object.values(line.modelUsage).map((model) => ({
        inputTokens: model.inputTokens,
        outputTokens: model.outputTokens,
        cacheReadTokens: model.cacheReadInputTokens,
        cacheCreationTokens: model.cacheCreationInputTokens,
      })),
    );
  }
}

/** The end of a message repeats its input or leaves it out; its output is told only there. */
function tokensOf(start: Usage | undefined, end: Usage | undefined): TokenUsage {
  return {
    inputTokens: end?.input_tokens || start?.input_tokens || 0,
    outputTokens: end?.output_tokens ?? 0,
    cacheReadTokens: end?.cache_read_input_tokens || start?.cache_read_input_tokens || 0,
    cacheCreationTokens: end?.cache_creation_input_tokens || start?.cache_creation_input_tokens || 0,
  };
}

function sum(parts: readonly TokenUsage[]): TokenUsage {
  const total = { ...none };
  for (const part of parts) {
    total.inputTokens += part.inputTokens;
    total.outputTokens += part.outputTokens;
    total.cacheReadTokens += part.cacheReadTokens;
    total.cacheCreationTokens += part.cacheCreationTokens;
  }
  return total;
}

import type { ClaudeEvent, JobStatus, LogEntry } from '@cc-executor/protocol';
import { ProgressReporter } from '../progress-reporter.ts';
import { joinFacts, seconds } from '../view/envelope.ts';
import type { JobObserver } from './job-observer.ts';
import { limitWords, stateWords } from './state-words.ts';

/** Text that is kept to be shown as it is written, in characters. */
const KEPT_TEXT_CHARS = 1_000;
/** How much of it a progress message shows. */
const SHOWN_TEXT_CHARS = 150;

/** Watches a Claude: text as it is written, tools, waits and limits are the progress. */
export class ClaudeObserver implements JobObserver {
  readonly #jobId: string;
  readonly #reporter: ProgressReporter;
  readonly #startedAt = performance.now();
  #text = '';
  #toolUses = 0;
  #status: JobStatus = 'queued';
  #lastTool: string | undefined;

  constructor(jobId: string, progress: (message: string) => void) {
    this.#jobId = jobId;
    this.#reporter = new ProgressReporter(progress, () => this.#heartbeat());
  }

  take(entry: LogEntry): void {
    const words = this.#words(entry);
    if (words !== undefined) this.#reporter.note(words);
  }

  finish(): string {
    this.#reporter.flush();
    const tools =
      this.#lastTool === undefined ? [] : [`${this.#toolUses} tool uses, the last: ${this.#lastTool}`];
    return [...tools, ...(this.#text === '' ? [] : [this.#text])].join('\n');
  }

  [Symbol.dispose](): void {
    this.#reporter[Symbol.dispose]();
  }

  #words(entry: LogEntry): string | undefined {
    switch (entry.type) {
      case 'state':
        this.#status = entry.state.status;
        return stateWords(entry.state);
      case 'limit':
        return limitWords(entry.limit);
      case 'event':
        return this.#eventWords(entry.event);
      case 'started':
      case 'output':
      case 'exited':
      case 'closed':
      case 'gap':
        return undefined;
    }
  }

  #eventWords(event: ClaudeEvent): string | undefined {
    switch (event.type) {
      case 'init':
        return joinFacts({ session: event.sessionId, model: event.model });
      case 'textDelta':
        if (event.agentId !== undefined) return undefined;
        this.#text = `${this.#text}${event.text}`.slice(-KEPT_TEXT_CHARS);
        this.#reporter.report(() => this.#text.slice(-SHOWN_TEXT_CHARS));
        return undefined;
      case 'textWithdrawn':
        this.#text = '';
        return undefined;
      case 'toolUse':
        this.#toolUses += 1;
        this.#lastTool = `${event.name} ${event.summary}`;
        this.#text = '';
        return `${event.agentId === undefined ? '' : 'sub-agent: '}${this.#lastTool}`;
      case 'permissionDenied':
        return `not allowed: ${event.toolName}`;
      case 'retryWait':
        return `${event.error}: waits ${seconds(event.delayMs)}, attempt ${event.attempt} of ${event.maxRetries}`;
      case 'rateLimit':
        if (event.status === 'allowed') return undefined;
        return joinFacts({
          rate_limit: event.status,
          window: event.window,
          utilization: event.utilization,
          resets_at: event.resetsAt,
        });
      case 'compaction':
        return event.phase === 'started' ? 'compacts its context' : undefined;
      case 'outputMaximum':
        return 'the answer met the output maximum of the model; it goes on';
      case 'text':
      case 'toolResult':
      case 'usage':
      case 'backgroundTasks':
      case 'turnEnded':
      case 'other':
        return undefined;
    }
  }

  #heartbeat(): string {
    const elapsed = seconds(performance.now() - this.#startedAt);
    return `${this.#jobId} ${this.#status} after ${elapsed}, ${this.#toolUses} tool uses`;
  }
}

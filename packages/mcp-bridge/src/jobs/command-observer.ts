import type { LogEntry } from '@cc-executor/protocol';
import { ProgressReporter } from '../progress-reporter.ts';
import { seconds } from '../view/envelope.ts';
import { OUTPUT_CHARS, OutputView } from '../view/output-view.ts';
import type { JobObserver } from './job-observer.ts';
import { stateWords } from './state-words.ts';

/** Watches a command: its lines are the progress, their head and tail the result. */
export class CommandObserver implements JobObserver {
  readonly #jobId: string;
  readonly #view: OutputView;
  readonly #reporter: ProgressReporter;
  readonly #startedAt = performance.now();
  #outputBytes = 0;

  constructor(jobId: string, progress: (message: string) => void) {
    this.#jobId = jobId;
    this.#reporter = new ProgressReporter(progress, () => this.#heartbeat());
    this.#view = new OutputView(OUTPUT_CHARS, (line) => this.#reporter.report(() => line));
  }

  take(entry: LogEntry): void {
    this.#view.take(entry);
    if (entry.type === 'output') this.#outputBytes = entry.offset + entry.bytes;
    const words = entry.type === 'state' ? stateWords(entry.state) : undefined;
    if (words !== undefined) this.#reporter.report(() => words);
  }

  render(): string {
    return this.#view.render(this.#jobId);
  }

  [Symbol.dispose](): void {
    this.#reporter[Symbol.dispose]();
  }

  #heartbeat(): string {
    const elapsed = seconds(performance.now() - this.#startedAt);
    return `${this.#jobId} goes on after ${elapsed}, ${this.#outputBytes} bytes printed`;
  }
}

import type { JobStatus, LogEntry } from '@cc-executor/protocol';
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
  #status: JobStatus = 'queued';

  constructor(jobId: string, progress: (message: string) => void) {
    this.#jobId = jobId;
    this.#reporter = new ProgressReporter(progress, () => this.#heartbeat());
    this.#view = new OutputView(OUTPUT_CHARS, (line) => this.#reporter.report(() => line));
  }

  take(entry: LogEntry): void {
    this.#view.take(entry);
    if (entry.type === 'output') this.#outputBytes = entry.offset + entry.bytes;
    if (entry.type !== 'state') return;
    this.#status = entry.state.status;
    const words = stateWords(entry.state);
    if (words !== undefined) this.#reporter.note(words);
  }

  finish(): string {
    const text = this.#view.render(this.#jobId);
    this.#reporter.flush();
    return text;
  }

  [Symbol.dispose](): void {
    this.#reporter[Symbol.dispose]();
  }

  #heartbeat(): string {
    const elapsed = seconds(performance.now() - this.#startedAt);
    return `${this.#jobId} ${this.#status} after ${elapsed}, ${this.#outputBytes} bytes printed`;
  }
}

import type { LogEntry } from '@cc-executor/protocol';

/** Watches a job's log for one call: tells what goes on, and keeps what the result shows. */
export interface JobObserver extends Disposable {
  take(entry: LogEntry): void;
  /** What the job has brought so far, for a result. Ask once, when nothing more is taken. */
  render(): string;
}

import type { LogEntry } from '@cc-executor/protocol';

/** Watches a job's log for one call: tells what goes on, and keeps what the result shows. */
export interface JobObserver extends Disposable {
  take(entry: LogEntry): void;
  /** Nothing more is taken: tells what was not told yet, and gives what the job has brought, for a result. */
  finish(): string;
}

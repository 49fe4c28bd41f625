import type { JobState, LogEntry } from '@cc-executor/protocol';

/** A job that this client has started. */
export interface Job {
  readonly jobId: string;
  /** As it was when the executor answered. */
  readonly state: JobState;
  /** Jobs of the lane before this one, when it is queued. */
  readonly position?: number;
  /**
   * The job's log from its first entry, up to and with `closed`. It is meant for one loop: leaving the loop
   * detaches, and the log is followed again with `follow`.
   */
  entries(options?: { readonly signal?: AbortSignal }): AsyncGenerator<LogEntry, void, undefined>;
}

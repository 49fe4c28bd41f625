import type { Readable, Writable } from 'node:stream';

/**
 * How a process ended: by itself with a code, or by a signal. The other one is null.
 *
 * Real-time signals have no name in Node. With `pidns` such a death is code 128 + N; with `portable` Node tells it as
 * code 0 and leaves nothing to tell it by.
 */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The first process of a tree. */
export interface Leader {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves as soon as it has ended, though others may still hold its streams. */
  readonly exited: Promise<ExitStatus>;
}

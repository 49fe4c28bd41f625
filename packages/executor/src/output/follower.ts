import type { Include } from '@cc-executor/protocol';
import { Notifier } from './notifier.ts';
import type { ReadableLog } from './output-log.ts';
import type { StoredEntry } from './stored-entry.ts';
import { isIncluded } from './wire-entry.ts';

/** Where a follower's entries go. */
export interface FollowerSink {
  send(entry: StoredEntry): void;
  /** Resolves when more may be sent without piling up in memory, or when the signal aborts. */
  writable(signal: AbortSignal): Promise<void>;
}

/** How a follower wants a log. */
export interface FollowOptions {
  readonly afterSeq: number;
  /** Raw bytes of output that may be sent before more is granted. */
  readonly creditBytes: number;
  readonly maxCreditBytes: number;
  readonly include: readonly Include[];
}

/** Output that is read from the log at a time. */
const BATCH_BYTES = 256 * 1024;

/**
 * One reader of a log with a cursor of its own: replay, then live, no faster than its credit and its sink.
 * Credit may be overdrawn by one entry, which holds at most one read of the pipe (64 KiB).
 */
export class Follower implements Disposable {
  readonly #log: ReadableLog;
  readonly #sink: FollowerSink;
  readonly #include: ReadonlySet<Include>;
  readonly #maxCreditBytes: number;
  readonly #stop = new AbortController();
  readonly #granted = new Notifier();
  #creditBytes: number;
  readonly #afterSeq: number;

  constructor(log: ReadableLog, sink: FollowerSink, options: FollowOptions) {
    this.#log = log;
    this.#sink = sink;
    this.#include = new Set(options.include);
    this.#creditBytes = options.creditBytes;
    this.#maxCreditBytes = options.maxCreditBytes;
    this.#afterSeq = options.afterSeq;
  }

  /** Grants more credit, up to the maximum, and tells what there is now. */
  grant(bytes: number): number {
    this.#creditBytes = Math.min(this.#creditBytes + bytes, this.#maxCreditBytes);
    this.#granted.notify();
    return this.#creditBytes;
  }

  /** Sends until the log is closed and read to its end, or the follower is disposed. */
  async run(): Promise<void> {
    const cursor = { afterSeq: this.#afterSeq };
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const wasClosed = this.#log.isClosed;
      const entries = await this.#log.read(cursor, BATCH_BYTES);
      if (entries.length === 0) {
        // An entry may have come while the disk was read: only a closed log with nothing left is at its end.
        if (wasClosed) return;
        // A client may name an entry that is yet to come.
        if (cursor.afterSeq >= this.#log.lastSeq) await this.#log.changed(signal);
        continue;
      }
      for (const entry of entries) {
        if (!isIncluded(entry, this.#include)) continue;
        if (entry.type === 'output') await this.#takeCredit(entry.data.length, signal);
        await this.#sink.writable(signal);
        if (signal.aborted) return;
        this.#sink.send(entry);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #takeCredit(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.#creditBytes <= 0 && !signal.aborted) await this.#granted.wait(signal);
    this.#creditBytes -= bytes;
  }
}

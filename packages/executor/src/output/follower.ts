import type { Include } from '@cc-executor/protocol';
import { RunningTimer } from '../running-timer.ts';
import { Notifier } from './notifier.ts';
import type { LogConsumer } from './output-log.ts';
import type { LogReader, ReadableLog, ReadEntry } from './readable-log.ts';
import { isIncluded } from './wire-entry.ts';

/** Where a follower's entries go. */
export interface FollowerSink {
  /** The entry's data holds only until the next `await`. */
  send(entry: ReadEntry): void;
  /** Whether more may be sent without piling up in memory. */
  readonly isWritable: boolean;
  /** Resolves when it is writable, or when the signal aborts. */
  writable(signal: AbortSignal): Promise<void>;
}

/** How a follower wants a log. */
export interface FollowOptions {
  readonly afterSeq: number;
  /** Raw bytes of output up to `afterSeq`, when known. */
  readonly afterOffset?: number | undefined;
  /** Raw bytes of output that may be sent before more is granted. Infinite: what is sent counts as consumed. */
  readonly creditBytes: number;
  readonly include: readonly Include[];
  /** How long something may wait to be sent. @default for ever */
  readonly stallMs?: number;
  /** Where the job sees what was consumed, if it is to wait for this follower. */
  readonly consumer?: LogConsumer | undefined;
}

/** How following ended: with the log, because nothing could be sent for too long, or by us. */
export type FollowEnd = 'ended' | 'stalled' | 'disposed';

/** Entries that are sent before others get a turn. */
const BURST_ENTRIES = 64;

/**
 * One reader of a log with a cursor of its own: replay, then live, no faster than its credit and its sink.
 * Credit may be overdrawn by one entry, which holds at most one read of the pipe (64 KiB).
 */
export class Follower implements Disposable {
  readonly #log: ReadableLog;
  readonly #reader: LogReader;
  readonly #sink: FollowerSink;
  readonly #include: ReadonlySet<Include>;
  readonly #consumer: LogConsumer | undefined;
  readonly #stop = new AbortController();
  readonly #granted = new Notifier();
  /** Runs while something waits to be sent; each thing that moves winds it up again. */
  readonly #stallTimer: RunningTimer | undefined;
  #creditBytes: number;
  /** Sent and not yet consumed, in raw bytes of output. */
  #unconsumedBytes = 0;
  #isStalled = false;

  constructor(log: ReadableLog, sink: FollowerSink, options: FollowOptions) {
    const { afterSeq, afterOffset, stallMs } = options;
    this.#log = log;
    this.#reader = log.reader({ afterSeq, afterOffset });
    this.#sink = sink;
    this.#include = new Set(options.include);
    this.#consumer = options.consumer;
    this.#creditBytes = options.creditBytes;
    this.#stallTimer =
      stallMs === undefined
        ? undefined
        : new RunningTimer(stallMs, () => {
            this.#isStalled = true;
            this.#stop.abort();
          });
  }

  /** Raw bytes of output that may be sent now. */
  get creditBytes(): number {
    return this.#creditBytes;
  }

  /** What was sent last: where to go on. */
  get place(): { readonly afterSeq: number; readonly afterOffset: number } {
    return { afterSeq: this.#reader.afterSeq, afterOffset: this.#reader.offset };
  }

  /** Grants more credit: so many bytes were consumed. */
  grant(bytes: number): void {
    this.#creditBytes += bytes;
    this.#unconsumedBytes = Math.max(0, this.#unconsumedBytes - bytes);
    this.#stallTimer?.touch();
    this.#granted.notify();
    this.#tellConsumed();
  }

  /** Sends until the log is closed and read to its end, or the follower stalls or is disposed. */
  async run(): Promise<FollowEnd> {
    const { signal } = this.#stop;
    try {
      for (let burst = 0; !signal.aborted;) {
        const entry = this.#reader.peek();
        if (entry === undefined) {
          const wasClosed = this.#log.isClosed;
          // An entry may have come while the disk was read: only a closed log with nothing left is at its end.
          if (await this.#reader.load()) continue;
          this.#tellConsumed();
          if (wasClosed) return 'ended';
          if (this.#reader.afterSeq >= this.#log.lastSeq) await this.#log.changed(signal);
        } else if (!isIncluded(entry, this.#include)) {
          this.#reader.advance();
        } else if (entry.type === 'output' && this.#creditBytes <= 0) {
          await this.#wait(this.#granted.wait(signal));
        } else if (!this.#sink.isWritable) {
          await this.#wait(this.#sink.writable(signal));
        } else {
          this.#send(entry);
          burst = (burst + 1) % BURST_ENTRIES;
          if (burst === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      }
      return this.#isStalled ? 'stalled' : 'disposed';
    } finally {
      this.#stallTimer?.[Symbol.dispose]();
      await this.#reader[Symbol.asyncDispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  #send(entry: ReadEntry): void {
    this.#sink.send(entry);
    this.#reader.advance();
    this.#consumer?.sent(this.#reader.offset);
    if (entry.type === 'output' && Number.isFinite(this.#creditBytes)) {
      this.#creditBytes -= entry.data.length;
      this.#unconsumedBytes += entry.data.length;
    } else {
      this.#tellConsumed();
    }
  }

  async #wait(event: Promise<void>): Promise<void> {
    this.#stallTimer?.touch();
    this.#stallTimer?.resume();
    await event;
    this.#stallTimer?.pause();
  }

  #tellConsumed(): void {
    this.#consumer?.consumed(this.#reader.offset - this.#unconsumedBytes);
  }
}

import type { StoredEntry } from './stored-entry.ts';

/** Entries that a reader wanted and that are no longer kept. */
export interface GapEntry {
  readonly type: 'gap';
  readonly fromSeq: number;
  readonly firstSeq: number;
  readonly lostBytes: number;
}

/** What a reader comes upon. */
export type ReadEntry = StoredEntry | GapEntry;

/** Where to begin: after an entry, or at the entry that holds a byte of the output. */
export type ReadFrom =
  | {
      readonly afterSeq: number;
      /** Raw bytes of output up to there, when known. */
      readonly afterOffset?: number | undefined;
    }
  | { readonly offset: number };

/** What followers and readers need of a log, live or ended. */
export interface ReadableLog {
  /** The first entry that is kept; one more than the last when none is. */
  readonly firstSeq: number;
  /** Raw bytes of output before the first entry that is kept. */
  readonly firstOffset: number;
  /** 0 when there is none yet. */
  readonly lastSeq: number;
  /** Raw bytes of output in all. */
  readonly outputBytes: number;
  /** Nothing will be appended any more. */
  readonly isClosed: boolean;
  reader(from: ReadFrom): LogReader;
  /** Resolves when something was appended or the signal aborts. */
  changed(signal?: AbortSignal): Promise<void>;
}

/**
 * A place in a log, and what comes next there.
 *
 * What `peek` shows may lie in memory that is used again: its data holds only until the next `await`, so encode or
 * copy it first.
 */
export interface LogReader extends AsyncDisposable {
  /** The last entry that was passed. */
  readonly afterSeq: number;
  /** Raw bytes of output up to there. */
  readonly offset: number;
  /** The next entry, when it is at hand. */
  peek(): ReadEntry | undefined;
  /** Passes what `peek` has just shown. */
  advance(): void;
  /**
   * Brings the next entry to hand, from disk if need be. Call `peek` again afterwards.
   *
   * @returns false when there is none, or none yet.
   */
  load(): Promise<boolean>;
}

/** A log on loan: it stays open until every loan is over. */
export interface LogLoan extends AsyncDisposable {
  readonly log: ReadableLog;
}

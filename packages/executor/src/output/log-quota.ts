import type { Demand } from './demand.ts';
import type { LogSpace } from './log-space.ts';
import { PIECES, reserveBytes, type LogRetention } from './retention.ts';
import type { Spool } from './spool.ts';

/** What a quota watches over, and whom it tells. */
export interface LogQuotaOptions {
  readonly retention: LogRetention;
  readonly space: LogSpace;
  readonly spool: Spool;
  readonly demand: Demand;
  /** The job is to fail for what it has printed. */
  onExceeded(message: string): void;
  /** The job is to wait, or may go on. */
  onBlocked(isBlocked: boolean): void;
  /** Something was dropped, and its lines are counted. */
  onDropped(): void;
}

/** Holds one log within its quota and all logs within theirs: drops the oldest, lets the job wait, or fails it. */
export class LogQuota {
  readonly #options: LogQuotaOptions;
  /** Lines that are kept, where they are counted. */
  #lines = 0;
  #droppedLines = 0;
  #isBlocked = false;
  /** It waits for nobody: the job is being ended. */
  #isReleased = false;
  /** No more output is kept. */
  #isSuspended = false;

  constructor(options: LogQuotaOptions) {
    this.#options = options;
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get droppedLines(): number {
    return this.#droppedLines;
  }

  addLines(lines: number): void {
    this.#lines += lines;
  }

  /** From now on nobody is waited for. */
  release(): void {
    this.#isReleased = true;
    this.enforce();
  }

  /** From now on nothing is dropped and nobody waits: no more output is kept. */
  suspend(): void {
    this.#isSuspended = true;
    this.#setBlocked(false);
  }

  /** Drops what may be dropped until the log is within its quota; else the job waits, or fails. */
  enforce(): void {
    const { retention, space, spool } = this.#options;
    while (this.#isExceeded && !this.#isSuspended) {
      if (space.isDiskOver && space.reclaim() !== undefined) continue;
      if (retention.atQuota === 'fail' && !this.#isReleased) {
        this.#options.onExceeded(`the job printed more than is kept: ${describe(retention)}`);
        return;
      }
      if (spool.segments.length === 1) spool.seal();
      // What is not written yet cannot be dropped; that is tried again when it is.
      if (spool.oldest === undefined) return;
      if (this.#isWanted(spool.oldest.endOffset)) {
        this.#setBlocked(true);
        return;
      }
      void this.#drop();
    }
    this.#setBlocked(false);
  }

  /** The disk is full: drops what the retention lets go. @returns when it is gone; undefined when there is nothing */
  giveWay(): Promise<void> | undefined {
    const { retention, space, spool } = this.#options;
    const reclaimed = space.reclaim();
    if (reclaimed !== undefined) return reclaimed;
    const { oldest } = spool;
    if (oldest === undefined || retention.atQuota === 'fail' || this.#isWanted(oldest.endOffset))
      return undefined;
    return this.#drop();
  }

  /** Drops what is older than the retention says, also what a follower has not consumed. */
  dropOlderThan(nowMs: number): void {
    const { retention, spool } = this.#options;
    if (retention.maxAgeMs === Number.POSITIVE_INFINITY) return;
    const last = spool.segments.at(-1);
    // What comes from now on is younger, and lies in a segment that can outlive this one.
    if (last !== undefined && nowMs - last.openedAtMs > retention.maxAgeMs / PIECES) spool.seal();
    for (;;) {
      const { oldest } = spool;
      // All of a segment is older than the first record of the next.
      const lastAtMs = spool.segments[1]?.openedAtMs ?? spool.lastAtMs;
      if (oldest === undefined || nowMs - lastAtMs <= retention.maxAgeMs) return;
      void this.#drop();
    }
  }

  get #isExceeded(): boolean {
    const { retention, space, spool } = this.#options;
    const isOverBytes = spool.bytes > retention.maxBytes - reserveBytes(retention);
    return isOverBytes || this.#lines > retention.maxLines || space.isDiskOver;
  }

  /** Whether a follower has not consumed all up to here, and the job is to wait for it. */
  #isWanted(endOffset: number): boolean {
    const { retention, demand } = this.#options;
    if (retention.atQuota !== 'block' || this.#isReleased) return false;
    return demand.floor !== undefined && demand.floor < endOffset;
  }

  #drop(): Promise<void> {
    const { space, spool } = this.#options;
    const { oldest } = spool;
    if (oldest === undefined) return Promise.resolve();
    this.#lines -= oldest.lines ?? 0;
    space.drop(oldest.endOffset - oldest.firstOffset, 0);
    return spool.drop((lines) => {
      this.#droppedLines += lines;
      space.drop(0, lines);
      this.#options.onDropped();
    });
  }

  #setBlocked(isBlocked: boolean): void {
    if (isBlocked === this.#isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#options.space.changeBlocked(isBlocked ? 1 : -1);
    this.#options.onBlocked(isBlocked);
  }
}

function describe({ maxBytes, maxLines }: LogRetention): string {
  return maxLines === Number.POSITIVE_INFINITY
    ? `${maxBytes} bytes`
    : `${maxBytes} bytes or ${maxLines} lines`;
}

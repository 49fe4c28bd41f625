import { SlabPool } from './slab-pool.ts';

/** Memory and disk that all logs share, and what was dropped for want of them. */
export class LogSpace {
  readonly memory: SlabPool;
  readonly maxDiskBytes: number;
  /** Asked to delete the output of a job that has ended. @returns when it is gone; undefined when there is none */
  reclaim: () => Promise<void> | undefined = () => undefined;
  #diskBytes = 0;
  #droppedBytes = 0;
  #droppedLines = 0;
  #blockedLogs = 0;

  constructor(max: { readonly memoryBytes: number; readonly diskBytes: number }) {
    this.memory = new SlabPool(max.memoryBytes);
    this.maxDiskBytes = max.diskBytes;
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  /** Bytes and lines of output that were dropped since the executor started. */
  get dropped(): { readonly bytes: number; readonly lines: number } {
    return { bytes: this.#droppedBytes, lines: this.#droppedLines };
  }

  /** Logs that wait for a follower. */
  get blockedLogs(): number {
    return this.#blockedLogs;
  }

  /** All logs together have more on disk than they may. */
  get isDiskOver(): boolean {
    return this.#diskBytes > this.maxDiskBytes;
  }

  /** A log takes more of the disk, or gives some back. */
  changeDisk(bytes: number): void {
    this.#diskBytes += bytes;
  }

  drop(bytes: number, lines: number): void {
    this.#droppedBytes += bytes;
    this.#droppedLines += lines;
  }

  changeBlocked(change: 1 | -1): void {
    this.#blockedLogs += change;
  }
}

import type { LogEntry } from '@cc-executor/protocol';

/** The last entry that is known once this one is. */
export function seqOf(entry: LogEntry): number {
  return entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
}

/** Where a place begins. */
export interface LogPlaceOptions {
  /** The last entry that is known. @default 0 */
  readonly afterSeq?: number | undefined;
  /** Raw bytes of output up to there. @default 0 at the beginning, else not known */
  readonly afterOffset?: number | undefined;
  /** All output is passed, so that a hole in the numbers holds none. */
  readonly hasAllOutput: boolean;
}

/** How far somebody has come in a log: the last entry, and as far as it can be told, the bytes of output up to it. */
export class LogPlace {
  readonly #hasAllOutput: boolean;
  #afterSeq: number;
  #afterOffset: number | undefined;

  constructor({ afterSeq = 0, afterOffset, hasAllOutput }: LogPlaceOptions) {
    this.#hasAllOutput = hasAllOutput;
    this.#afterSeq = afterSeq;
    this.#afterOffset = afterOffset ?? (afterSeq === 0 ? 0 : undefined);
  }

  get afterSeq(): number {
    return this.#afterSeq;
  }

  /** Raw bytes of output up to there; undefined when entries were left out that may have held some. */
  get afterOffset(): number | undefined {
    return this.#afterOffset;
  }

  /** Whether an entry was passed already. */
  has(entry: LogEntry): boolean {
    return seqOf(entry) <= this.#afterSeq;
  }

  /** Passes an entry that comes next. */
  pass(entry: LogEntry): void {
    const first = entry.type === 'gap' ? entry.fromSeq : entry.seq;
    if (first !== this.#afterSeq + 1 && !this.#hasAllOutput) this.#afterOffset = undefined;
    this.#afterSeq = seqOf(entry);
    if (entry.type === 'output') this.#afterOffset = entry.offset + entry.bytes;
    else if (entry.type === 'gap' && this.#afterOffset !== undefined) this.#afterOffset += entry.lostBytes;
  }

  /** Goes back in a log that ends earlier than it did. */
  goBack(afterSeq: number): void {
    this.#afterSeq = afterSeq;
    this.#afterOffset = undefined;
  }
}

import type { RecordSource } from './log-reader.ts';
import type { SlabPool } from './slab-pool.ts';
import type { Spool } from './spool.ts';
import type { PlainEntry } from './stored-entry.ts';
import type { TailMemory } from './tail-memory.ts';

/** How far a log has come. */
export interface LogTally {
  lastSeq: number;
  outputBytes: number;
  /** The last entry; nothing comes after it. */
  closing: PlainEntry | undefined;
}

/** The records of a log that still grows, as its readers need them. */
export class LiveSource implements RecordSource {
  readonly memory: TailMemory;
  readonly #spool: Spool;
  readonly #tally: Readonly<LogTally>;

  constructor(memory: TailMemory, spool: Spool, tally: Readonly<LogTally>) {
    this.memory = memory;
    this.#spool = spool;
    this.#tally = tally;
  }

  get pool(): SlabPool {
    return this.memory.pool;
  }

  get segments(): RecordSource['segments'] {
    return this.#spool.segments;
  }

  get flushed(): number {
    return this.#spool.flushed;
  }

  get end(): number {
    return this.memory.end;
  }

  get lastSeq(): number {
    return this.#tally.lastSeq;
  }

  get outputBytes(): number {
    return this.#tally.outputBytes;
  }

  get closing(): PlainEntry | undefined {
    return this.#tally.closing;
  }
}

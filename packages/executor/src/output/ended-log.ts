import { StoredLogReader, type RecordSource } from './log-reader.ts';
import type { LogReader, ReadableLog, ReadFrom } from './readable-log.ts';
import { listSegments, type Segment } from './segment.ts';
import { SlabPool } from './slab-pool.ts';
import type { PlainEntry } from './stored-entry.ts';

/** What is known of the log of an ended job besides its files. */
export interface EndedLogFacts {
  readonly lastSeq: number;
  readonly outputBytes: number;
  /** Its last entry, which is known even when its files are gone. */
  readonly closing: PlainEntry | undefined;
}

/** The log of an ended job, read from its files. What is gone of them reads as a gap. */
export class EndedLog implements ReadableLog {
  readonly lastSeq: number;
  readonly outputBytes: number;
  readonly isClosed = true;
  readonly #segments: readonly Segment[];
  readonly #source: RecordSource;

  private constructor(
    segments: readonly Segment[],
    { lastSeq, outputBytes, closing }: EndedLogFacts,
    pool: SlabPool,
  ) {
    this.#segments = segments;
    this.lastSeq = lastSeq;
    this.outputBytes = outputBytes;
    const end = segments.at(-1)?.end ?? 0;
    this.#source = { segments, pool, memory: undefined, flushed: end, end, lastSeq, outputBytes, closing };
  }

  /** Opens the log in a folder. @param pool Where memory for what is read comes from. */
  static async open(folder: string, facts: EndedLogFacts, pool = new SlabPool(0)): Promise<EndedLog> {
    return new EndedLog(await listSegments(folder, facts.outputBytes), facts, pool);
  }

  get firstSeq(): number {
    return this.#segments[0]?.firstSeq ?? this.lastSeq + 1;
  }

  get firstOffset(): number {
    return this.#segments[0]?.firstOffset ?? this.outputBytes;
  }

  reader(from: ReadFrom): LogReader {
    return new StoredLogReader(this.#source, from);
  }

  async changed(): Promise<void> {
    // Nothing changes any more.
  }
}

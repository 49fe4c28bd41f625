import type { GapEntry, LogReader, ReadEntry, ReadFrom } from './readable-log.ts';
import { endOffset, readEntry, recordKinds, type RecordHead } from './record.ts';
import { scanSegment } from './segment-scan.ts';
import { SegmentReader } from './segment-reader.ts';
import type { Segment } from './segment.ts';
import type { SlabPool } from './slab-pool.ts';
import type { PlainEntry } from './stored-entry.ts';
import type { PlacedRecord, TailMemory } from './tail-memory.ts';

/** The records of a log, as a reader needs them. */
export interface RecordSource {
  /** Oldest first. */
  readonly segments: readonly Segment[];
  /** Where memory for what is read from disk comes from. */
  readonly pool: SlabPool;
  /** Undefined for a log that is on disk only. */
  readonly memory: TailMemory | undefined;
  /** Position up to which everything can be read from disk. */
  readonly flushed: number;
  /** Position after the last record. */
  readonly end: number;
  readonly lastSeq: number;
  readonly outputBytes: number;
  /** The last entry of a log that is closed, for when its record is lost. */
  readonly closing: PlainEntry | undefined;
}

/** Reads a log from memory and disk, across what was dropped meanwhile. */
export class StoredLogReader implements LogReader {
  readonly #source: RecordSource;
  readonly #disk: SegmentReader;
  readonly #from: ReadFrom;
  readonly #isWanted: (head: RecordHead) => boolean;
  #afterSeq: number;
  #offset: number;
  /** Position of the next record; undefined until it is found. */
  #position: number | undefined;
  #gap: GapEntry | undefined;
  /** The next record, when it is neither output nor in memory that is used again. */
  #plain: { readonly position: number; readonly head: RecordHead; readonly entry: PlainEntry } | undefined;

  constructor(source: RecordSource, from: ReadFrom) {
    this.#source = source;
    this.#disk = new SegmentReader(source.pool);
    this.#from = from;
    this.#isWanted = 'offset' in from ? reaches(from.offset) : follows(from.afterSeq);
    this.#afterSeq = 'offset' in from ? 0 : from.afterSeq;
    this.#offset = 'offset' in from ? from.offset : (from.afterOffset ?? 0);
  }

  get afterSeq(): number {
    return this.#afterSeq;
  }

  get offset(): number {
    return this.#offset;
  }

  peek(): ReadEntry | undefined {
    if (this.#gap !== undefined) return this.#gap;
    const position = this.#position;
    if (position === undefined) return undefined;
    if (this.#plain?.position === position) return this.#plain.entry;
    const record = this.#recordAt(position);
    if (record === undefined) return this.#closing();
    const { seq, offset } = record.head;
    // A segment before it is gone, or its end.
    if (seq > this.#afterSeq + 1) this.#setGap(this.#afterSeq + 1, seq, offset - this.#offset);
    if (this.#gap !== undefined) return this.#gap;
    const entry = readEntry(record.bytes, record.at, record.head);
    if (entry.type !== 'output') this.#plain = { position, head: record.head, entry };
    return entry;
  }

  advance(): void {
    if (this.#gap !== undefined) {
      this.#afterSeq = this.#gap.firstSeq - 1;
      this.#offset += this.#gap.lostBytes;
      this.#gap = undefined;
      return;
    }
    const head = this.#nextHead();
    if (head === undefined) this.#afterSeq = this.#closing()?.seq ?? this.#afterSeq;
    else this.#pass(head);
  }

  async load(): Promise<boolean> {
    for (;;) {
      if (this.#gap !== undefined) return true;
      if (this.#position === undefined) {
        await this.#find();
        continue;
      }
      const position: number = this.#position;
      if (this.#recordAt(position) !== undefined) return true;
      if (position >= this.#source.end) return this.#loadClosing();
      const segment = this.#source.segments.findLast(({ start }) => start <= position);
      if (segment === undefined) {
        this.#skipTo(this.#source.segments[0]);
        continue;
      }
      const end = Math.min(segment.end, this.#source.flushed);
      if (await this.#disk.load(segment, position, end)) return true;
      // It may have been dropped while it was read; else it is damaged, and what follows may not be.
      if (!this.#source.segments.includes(segment)) continue;
      this.#skipTo(this.#source.segments.find(({ start }) => start > position));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disk[Symbol.asyncDispose]();
  }

  #recordAt(position: number): PlacedRecord | undefined {
    return this.#source.memory?.recordAt(position) ?? this.#disk.recordAt(position);
  }

  /** What was shown may be in memory no more: whoever was shown it passes it all the same. */
  #nextHead(): RecordHead | undefined {
    const position = this.#position;
    if (position === undefined) return undefined;
    return this.#plain?.position === position ? this.#plain.head : this.#recordAt(position)?.head;
  }

  #pass(head: RecordHead): void {
    this.#position = (this.#position ?? 0) + head.bytes;
    this.#afterSeq = head.seq;
    this.#offset = endOffset(head);
  }

  /** Finds the first record that is wanted; it is looked for again when it has moved from memory to disk meanwhile. */
  async #find(): Promise<void> {
    const { flushed } = this.#source;
    const seen = this.#findInMemory() ?? (await this.#findOnDisk());
    // Nothing is awaited from here on: what is appended then is not yet there, and all else was looked at.
    const { memory, end, lastSeq, outputBytes, closing } = this.#source;
    if (seen === undefined && memory !== undefined && memory.start > flushed) return;
    const position = seen ?? memory?.find(this.#isWanted);
    const found = position === undefined ? undefined : this.#recordAt(position);
    if (found !== undefined) {
      this.#position = position;
      this.#begin(found.head);
    } else if (position === undefined) {
      // Nothing that is wanted is there yet.
      this.#position = end;
      const isLost =
        closing !== undefined && this.#isWanted({ ...blankHead, seq: closing.seq, offset: outputBytes });
      this.#begin({ seq: isLost ? closing.seq : lastSeq + 1, offset: outputBytes });
    }
  }

  #findInMemory(): number | undefined {
    const { memory, segments } = this.#source;
    const position = memory?.find(this.#isWanted);
    if (memory === undefined || position === undefined) return undefined;
    // What is wanted may begin before what is in memory.
    const isFirst = position === memory.start && memory.start > (segments[0]?.start ?? memory.start);
    return isFirst ? undefined : position;
  }

  async #findOnDisk(): Promise<number | undefined> {
    const { segments, flushed } = this.#source;
    // The last that begins with something unwanted, or the first: what is wanted lies in it or begins the next.
    const from = segments.findLastIndex(
      ({ firstSeq, firstOffset }) => !this.#isWanted({ ...blankHead, seq: firstSeq, offset: firstOffset }),
    );
    for (const segment of segments.slice(Math.max(0, from))) {
      const end = Math.min(segment.end, flushed);
      for await (const { head, position } of scanSegment({ ...segment, end }, this.#source.pool)) {
        if (!this.#isWanted(head)) continue;
        await this.#disk.load(segment, position, end);
        return position;
      }
    }
    return undefined;
  }

  /** Begins at a record, which may come later than what was asked for. */
  #begin({ seq, offset }: Pick<RecordHead, 'seq' | 'offset'>): void {
    if ('offset' in this.#from) {
      if (offset > this.#from.offset) {
        this.#setGap(1, seq, offset - this.#from.offset);
        return;
      }
      this.#afterSeq = seq - 1;
      this.#offset = offset;
    } else if (seq > this.#afterSeq + 1) {
      this.#setGap(this.#afterSeq + 1, seq, offset - this.#offset);
    } else {
      this.#offset = offset;
    }
  }

  /** Goes on at a segment, or at the end when there is none. */
  #skipTo(segment: Segment | undefined): void {
    const { end, lastSeq, outputBytes, closing } = this.#source;
    this.#position = segment?.start ?? end;
    if (segment === undefined && closing !== undefined) return;
    const seq = segment?.firstSeq ?? lastSeq + 1;
    this.#setGap(this.#afterSeq + 1, seq, (segment?.firstOffset ?? outputBytes) - this.#offset);
  }

  #setGap(fromSeq: number, firstSeq: number, lostBytes: number): void {
    if (firstSeq <= fromSeq) return;
    this.#gap = { type: 'gap', fromSeq, firstSeq, lostBytes: Math.max(0, lostBytes) };
  }

  /** What an ended log has lost of its end is told, and its last entry is known all the same. */
  #loadClosing(): boolean {
    const { closing, outputBytes } = this.#source;
    if (closing === undefined || this.#afterSeq >= closing.seq) return false;
    this.#setGap(this.#afterSeq + 1, closing.seq, outputBytes - this.#offset);
    return true;
  }

  #closing(): PlainEntry | undefined {
    const { closing, end } = this.#source;
    const isNext =
      this.#afterSeq + 1 === closing?.seq && this.#position !== undefined && this.#position >= end;
    return isNext ? closing : undefined;
  }
}

/** A head that says nothing, for places of which only a part is known. */
const blankHead: RecordHead = { bytes: 0, seq: 0, kind: recordKinds.plain, offset: 0, payloadBytes: 0 };

function reaches(offset: number): (head: RecordHead) => boolean {
  return (head) => endOffset(head) > offset;
}

function follows(afterSeq: number): (head: RecordHead) => boolean {
  return ({ seq }) => seq > afterSeq;
}

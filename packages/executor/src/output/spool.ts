import { rm } from 'node:fs/promises';
import type { LogSpace } from './log-space.ts';
import { Notifier } from './notifier.ts';
import { countSegmentLines } from './segment-scan.ts';
import { SegmentWriter } from './segment-writer.ts';
import { segmentPath, type Segment } from './segment.ts';
import type { TailMemory } from './tail-memory.ts';

/** What a spool is made of. */
export interface SpoolOptions {
  readonly folder: string;
  readonly memory: TailMemory;
  readonly space: LogSpace;
  /** A segment takes no more than this, but for a record that is larger. */
  readonly segmentBytes: number;
  /** A segment takes no more lines than this; infinite when `append` is not told how many end in a record. */
  readonly segmentLines: number;
  /** Segments that are there already. */
  readonly segments: readonly Segment[];
  /** The disk is full. @returns when another try is worth it; undefined when none is */
  readonly onDiskFull: () => Promise<void> | undefined;
  /** The disk refuses for good: nothing is written from now on. */
  readonly onFault: (error: Error) => void;
  /** Something was written. */
  readonly onFlushed: () => void;
}

/** Dropped segments that are still on disk. */
const MAX_REMOVALS = 1;

/** The files of one live log: written in batches in the background, dropped from the oldest on. */
export class Spool implements AsyncDisposable {
  readonly #options: SpoolOptions;
  readonly #writer = new SegmentWriter();
  readonly #progress = new Notifier();
  readonly #removals = new Set<Promise<void>>();
  #segments: readonly Segment[];
  #flushed: number;
  #isCurrentSealed = true;
  #lastAtMs = Date.now();
  #writing: Promise<void> | undefined;
  #fault: Error | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#segments = options.segments;
    this.#flushed = options.memory.end;
  }

  /** Oldest first; the last one is being filled. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Position up to which everything can be read from disk. */
  get flushed(): number {
    return this.#flushed;
  }

  /** Bytes of all segments that are kept, written or not. */
  get bytes(): number {
    return this.#options.memory.end - (this.#segments[0]?.start ?? this.#options.memory.end);
  }

  /** When the last record came, in milliseconds since 1970. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** Bytes that wait to be written. */
  get pendingBytes(): number {
    return this.#fault === undefined ? this.#options.memory.end - this.#flushed : 0;
  }

  /** Takes in a record that has just been put into memory. */
  append(record: {
    bytes: number;
    seq: number;
    offset: number;
    endOffset: number;
    lines: number | undefined;
  }): void {
    const { memory, space } = this.#options;
    const segment = this.#segmentFor(record.bytes, record.seq, record.offset);
    segment.end = memory.end;
    segment.endOffset = record.endOffset;
    if (segment.lines !== undefined) segment.lines += record.lines ?? 0;
    space.changeDisk(record.bytes);
    this.#lastAtMs = Date.now();
    if (this.#fault === undefined) this.#writing ??= this.#write();
  }

  /** The next record begins a new segment, so that this one can be dropped. */
  seal(): void {
    this.#isCurrentSealed = true;
  }

  /** The oldest segment, when it is sealed and written. */
  get oldest(): Segment | undefined {
    const [oldest] = this.#segments;
    const isSealed = this.#segments.length > 1 || this.#isCurrentSealed;
    return oldest !== undefined && isSealed && oldest.end <= this.#flushed ? oldest : undefined;
  }

  /**
   * Drops the oldest segment.
   *
   * @param onLines Told how many lines were in it, in the background.
   * @returns Resolves when it is gone.
   */
  async drop(onLines: (lines: number) => void): Promise<void> {
    const { oldest } = this;
    if (oldest === undefined) return;
    this.#segments = this.#segments.slice(1);
    this.#options.space.changeDisk(oldest.start - oldest.end);
    const removal = removeSegment(oldest, onLines).finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
    await removal;
  }

  /** Resolves when all that was appended before is written or refused, and all that was dropped is gone. */
  async settled(): Promise<void> {
    const { end } = this.#options.memory;
    // A source that is faster than the disk would keep whoever waits for the writer to rest.
    while (this.#writing !== undefined && this.#flushed < end) await this.#progress.wait();
    await Promise.all(this.#removals);
  }

  /** Writes what is pending and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing !== undefined) await this.#progress.wait();
    await Promise.all(this.#removals);
    await this.#writer[Symbol.asyncDispose]();
  }

  #segmentFor(bytes: number, seq: number, offset: number): Segment {
    const last = this.#segments.at(-1);
    const { folder, memory, segmentBytes, segmentLines } = this.#options;
    if (last !== undefined && !this.#isCurrentSealed) {
      const isFull = last.end - last.start + bytes > segmentBytes || (last.lines ?? 0) >= segmentLines;
      if (!isFull) return last;
    }
    const segment: Segment = {
      path: segmentPath(folder, seq, offset),
      firstSeq: seq,
      firstOffset: offset,
      start: memory.end - bytes,
      end: memory.end,
      endOffset: offset,
      lines: segmentLines === Number.POSITIVE_INFINITY ? undefined : 0,
      openedAtMs: Date.now(),
    };
    this.#segments = [...this.#segments, segment];
    this.#isCurrentSealed = false;
    return segment;
  }

  async #write(): Promise<void> {
    const { memory, onFlushed, onFault } = this.#options;
    // One turn of the loop, so that small records of the same turn share a write.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#flushed < memory.end) {
        await this.#writeSome();
        memory.flushed(this.#flushed);
        onFlushed();
        this.#progress.notify();
        // Else what is dropped could pile up on disk, since its lines are counted before it goes.
        if (this.#removals.size > MAX_REMOVALS) await Promise.race(this.#removals);
      }
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(String(error));
      onFault(this.#fault);
    } finally {
      this.#writing = undefined;
      this.#progress.notify();
    }
  }

  /** Writes what waits for one segment. */
  async #writeSome(): Promise<void> {
    const { memory, onDiskFull } = this.#options;
    for (;;) {
      const segment = this.#segments.find(({ end }) => end > this.#flushed);
      if (segment === undefined) throw new Error('what is to be written belongs to no segment');
      const { end } = segment;
      try {
        await this.#writer.write(segment, this.#flushed, memory.slices(this.#flushed, end));
        this.#flushed = end;
        return;
      } catch (error) {
        const room = isDiskFull(error) ? onDiskFull() : undefined;
        if (room === undefined) throw error;
        await room;
      }
    }
  }
}

async function removeSegment(segment: Segment, onLines: (lines: number) => void): Promise<void> {
  const lines = segment.lines ?? (await countSegmentLines(segment).catch(() => 0));
  await rm(segment.path, { force: true }).catch(() => undefined);
  onLines(lines);
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

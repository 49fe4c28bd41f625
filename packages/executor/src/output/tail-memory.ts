import { readHead, type RecordHead } from './record.ts';
import type { SlabPool } from './slab-pool.ts';

/** Recent records of one log that stay in memory, so that followers who keep up never touch the disk. */
const TAIL_BYTES = 2 * 1024 * 1024;

interface Slab {
  readonly buffer: Buffer;
  /** Position in the log of its first byte. */
  readonly start: number;
  readonly firstSeq: number;
  usedBytes: number;
}

/** A record in memory or in what was read from disk. */
export interface PlacedRecord {
  readonly bytes: Buffer;
  readonly at: number;
  readonly head: RecordHead;
}

/** The last records of a log as they lie on disk, or will. */
export class TailMemory implements Disposable {
  readonly #pool: SlabPool;
  readonly #membership: Disposable;
  #slabs: Slab[] = [];
  #heldBytes = 0;
  #flushed: number;
  #end: number;

  /** @param start Position in the log at which it begins. */
  constructor(pool: SlabPool, start: number) {
    this.#pool = pool;
    this.#flushed = start;
    this.#end = start;
    this.#membership = pool.join(() => this.#trim());
  }

  /** Where its slabs come from. */
  get pool(): SlabPool {
    return this.#pool;
  }

  /** Position after the last record. */
  get end(): number {
    return this.#end;
  }

  /** Position of the first record that is here. */
  get start(): number {
    return this.#slabs[0]?.start ?? this.#end;
  }

  /** Room for a record at the end; the caller fills it at once. */
  extend(bytes: number, seq: number): { readonly buffer: Buffer; readonly at: number } {
    let slab = this.#slabs.at(-1);
    if (slab === undefined || slab.buffer.length - slab.usedBytes < bytes) {
      const buffer = this.#pool.take(bytes, slab?.buffer.length ?? 0);
      slab = { buffer, start: this.#end, firstSeq: seq, usedBytes: 0 };
      this.#slabs.push(slab);
      this.#heldBytes += buffer.length;
    }
    const at = slab.usedBytes;
    slab.usedBytes += bytes;
    this.#end += bytes;
    return { buffer: slab.buffer, at };
  }

  /** The record that begins at a position, when it is here. */
  recordAt(position: number): PlacedRecord | undefined {
    const slab = this.#slabs.findLast(({ start }) => start <= position);
    if (slab === undefined || position >= slab.start + slab.usedBytes) return undefined;
    const at = position - slab.start;
    const head = readHead(slab.buffer, at, slab.usedBytes);
    return typeof head === 'object' ? { bytes: slab.buffer, at, head } : undefined;
  }

  /** Position of the first record that is wanted; all after it are wanted too. */
  find(isWanted: (head: RecordHead) => boolean): number | undefined {
    const next = this.#slabs.findIndex(({ buffer, usedBytes }) => {
      const first = readHead(buffer, 0, usedBytes);
      return typeof first === 'object' && isWanted(first);
    });
    // It may lie at the end of the slab before the first that begins with a wanted one.
    for (const { start, buffer, usedBytes } of this.#slabs.slice(next === -1 ? -1 : Math.max(0, next - 1))) {
      for (let at = 0; at < usedBytes;) {
        const head = readHead(buffer, at, usedBytes);
        if (typeof head !== 'object') break;
        if (isWanted(head)) return start + at;
        at += head.bytes;
      }
    }
    return undefined;
  }

  /** What lies between two positions, in order. */
  slices(from: number, to: number): Buffer[] {
    return this.#slabs
      .filter((slab) => slab.start < to && slab.start + slab.usedBytes > from)
      .map(({ buffer, start, usedBytes }) =>
        buffer.subarray(Math.max(0, from - start), Math.min(usedBytes, to - start)),
      );
  }

  /** All up to this position can be read from disk, or is lost. */
  flushed(position: number): void {
    this.#flushed = position;
    this.#trim();
  }

  /** Nobody reads it any more. */
  [Symbol.dispose](): void {
    for (const { buffer } of this.#slabs) this.#pool.give(buffer);
    this.#slabs = [];
    this.#heldBytes = 0;
    this.#membership[Symbol.dispose]();
  }

  /** Lets go of what is on disk beyond the tail, or of all that is on disk when memory is short. */
  #trim(): void {
    let count = 0;
    // The last one is being filled.
    for (const { buffer, start, usedBytes } of this.#slabs.slice(0, -1)) {
      const isWanted = this.#heldBytes <= TAIL_BYTES && !this.#pool.isFull;
      if (isWanted || start + usedBytes > this.#flushed) break;
      this.#heldBytes -= buffer.length;
      this.#pool.give(buffer);
      count += 1;
    }
    if (count > 0) this.#slabs = this.#slabs.slice(count);
  }
}

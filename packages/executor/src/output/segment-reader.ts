import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { isIntact, readHead, RECORD_HEAD_BYTES } from './record.ts';
import type { Segment } from './segment.ts';
import { SLAB_BYTES, type SlabPool } from './slab-pool.ts';
import type { PlacedRecord } from './tail-memory.ts';

/** What is read at a time. */
const BLOCK_BYTES = SLAB_BYTES;

/** Reads records from the files of a log, a block at a time, into memory that it uses again. */
export class SegmentReader implements AsyncDisposable {
  #open: { readonly segment: Segment; readonly handle: FileHandle } | undefined;
  readonly #pool: SlabPool;
  #block: Buffer | undefined;
  /** Position of the block in the log. */
  #start = 0;
  #bytes = 0;
  /** The record that was looked at last, so that it is checked once. */
  #intactAt = -1;

  /** @param pool Where the block comes from, and goes back to. */
  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** The whole and intact record at a position, when it is in the block. */
  recordAt(position: number): PlacedRecord | undefined {
    const at = position - this.#start;
    const block = this.#block;
    if (block === undefined || at < 0 || at >= this.#bytes) return undefined;
    const head = readHead(block, at, this.#bytes);
    if (typeof head !== 'object') return undefined;
    if (this.#intactAt !== position && !isIntact(block, at, head)) return undefined;
    this.#intactAt = position;
    return { bytes: block, at, head };
  }

  /**
   * Reads the block that begins at a position.
   *
   * @param end Position in this segment up to which there is something to read.
   * @returns Whether a whole and intact record begins there.
   */
  async load(segment: Segment, position: number, end: number): Promise<boolean> {
    const handle = await this.#handleOf(segment);
    if (handle === undefined) return false;
    let wantedBytes = BLOCK_BYTES;
    for (;;) {
      const bytes = Math.min(wantedBytes, end - position);
      if (bytes < RECORD_HEAD_BYTES) return false;
      const block = await this.#read(handle, position - segment.start, bytes);
      this.#start = position;
      const head = readHead(block, 0, this.#bytes);
      if (typeof head !== 'number') break;
      if (head <= this.#bytes || position + head > end || this.#bytes < bytes) return false;
      wantedBytes = head;
    }
    return this.recordAt(position) !== undefined;
  }

  /** Closes the file that is open, and gives the block back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#bytes = 0;
    if (this.#block !== undefined) this.#pool.give(this.#block);
    this.#block = undefined;
    await this.#close();
  }

  async #close(): Promise<void> {
    const current = this.#open;
    this.#open = undefined;
    this.#bytes = 0;
    await current?.handle.close().catch(() => undefined);
  }

  async #read(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
    this.#bytes = 0;
    this.#intactAt = -1;
    if (this.#block !== undefined && this.#block.length < bytes) {
      this.#pool.give(this.#block);
      this.#block = undefined;
    }
    const block = (this.#block ??= this.#pool.take(bytes, SLAB_BYTES));
    this.#bytes = (await handle.read(block, 0, bytes, at)).bytesRead;
    return block;
  }

  /** Undefined when the file is gone, or is none of ours any more: then its records are lost, and others are not. */
  async #handleOf(segment: Segment): Promise<FileHandle | undefined> {
    if (this.#open?.segment === segment) return this.#open.handle;
    await this.#close();
    try {
      const handle = await open(segment.path, constants.O_RDONLY | constants.O_NOFOLLOW);
      this.#open = { segment, handle };
      return handle;
    } catch (error) {
      if (isUnreadable(error)) return undefined;
      throw error;
    }
  }
}

function isUnreadable(error: unknown): boolean {
  const codes: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'];
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}

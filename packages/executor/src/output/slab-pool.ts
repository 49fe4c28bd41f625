/** What the records of a busy log are put into: two reads of a pipe with their heads. */
export const SLAB_BYTES = 2 * (64 * 1024 + 64);
/** What a log begins with: most jobs print little. */
const FIRST_SLAB_BYTES = 4 * 1024;
/** Slabs that are kept for the next who needs one. Given back to the allocator they would only break up its memory. */
const MAX_SPARE_SLABS = 128;

/**
 * The memory that all logs share. Slabs are used again: were each read of a pipe kept where it came, V8 would have
 * to look at all of its heap for every 32 MiB of output (measured: a quarter of the time).
 */
export class SlabPool {
  readonly maxBytes: number;
  #usedBytes = 0;
  readonly #spare: Buffer[] = [];
  readonly #members = new Set<() => void>();

  /** @param maxBytes Above this, logs keep in memory only what is not on disk yet. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Logs are to let go of what they can do without. */
  get isFull(): boolean {
    return this.#usedBytes > this.maxBytes;
  }

  /** @param trim Gives back what its owner can do without. */
  join(trim: () => void): Disposable {
    this.#members.add(trim);
    return { [Symbol.dispose]: () => this.#members.delete(trim) };
  }

  /** A slab with room for `neededBytes`, four times as large as the one before it if that is not large yet. */
  take(neededBytes: number, previousBytes: number): Buffer {
    const wantedBytes = previousBytes === 0 ? FIRST_SLAB_BYTES : Math.min(SLAB_BYTES, previousBytes * 4);
    const bytes = Math.max(neededBytes, wantedBytes);
    if (this.isFull) for (const trim of this.#members) trim();
    const slab = (bytes === SLAB_BYTES ? this.#spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes);
    this.#usedBytes += slab.length;
    return slab;
  }

  /** Gives a slab back: nobody looks at it any more. */
  give(slab: Buffer): void {
    this.#usedBytes -= slab.length;
    if (slab.length === SLAB_BYTES && this.#spare.length < MAX_SPARE_SLABS) this.#spare.push(slab);
  }
}

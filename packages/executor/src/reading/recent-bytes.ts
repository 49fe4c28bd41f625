/** The last bytes that came, and where in the output they were. */
export class RecentBytes {
  readonly #maxBytes: number;
  readonly #buffer: Buffer;
  #used = 0;
  #places: { readonly offset: number; readonly bytes: number }[] = [];
  #placedBytes = 0;

  /** @param maxBytes How many are kept at least, if as many came. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    // Room for twice as many, so that they are moved once for as many that come.
    this.#buffer = Buffer.allocUnsafe(2 * maxBytes);
  }

  push(piece: Buffer, offset: number): void {
    const skipped = Math.max(0, piece.length - this.#maxBytes);
    const kept = piece.subarray(skipped);
    if (this.#used + kept.length > this.#buffer.length) {
      const left = Math.min(this.#used, this.#maxBytes);
      this.#buffer.copyWithin(0, this.#used - left, this.#used);
      this.#used = left;
    }
    kept.copy(this.#buffer, this.#used);
    this.#used += kept.length;
    this.#place({ offset: offset + skipped, bytes: kept.length });
  }

  /** The last so many, or all that came if they are fewer. They hold until the next call of `push`. */
  last(bytes: number): Buffer {
    return this.#buffer.subarray(Math.max(0, this.#used - bytes), this.#used);
  }

  /** Where the last so many begin in the output; undefined when fewer came. */
  offsetBack(bytes: number): number | undefined {
    let wanted = bytes;
    for (const place of this.#places.toReversed()) {
      if (place.bytes >= wanted) return place.offset + place.bytes - wanted;
      wanted -= place.bytes;
    }
    return undefined;
  }

  /** Forgets all. */
  reset(): void {
    this.#used = 0;
    this.#places = [];
    this.#placedBytes = 0;
  }

  #place(place: { readonly offset: number; readonly bytes: number }): void {
    const last = this.#places.at(-1);
    this.#placedBytes += place.bytes;
    if (last !== undefined && last.offset + last.bytes === place.offset) {
      this.#places[this.#places.length - 1] = { offset: last.offset, bytes: last.bytes + place.bytes };
    } else {
      this.#places.push(place);
    }
    while (this.#placedBytes - (this.#places[0]?.bytes ?? Infinity) >= this.#maxBytes) {
      this.#placedBytes -= this.#places.shift()?.bytes ?? 0;
    }
  }
}

/** Adds up what a follower has consumed, and tells when to grant it again: a quarter window at a time. */
export class CreditWindow {
  readonly #batchBytes: number;
  #consumedBytes = 0;

  /** @param windowBytes credit that the follower began with */
  constructor(windowBytes: number) {
    this.#batchBytes = Math.max(1, Math.floor(windowBytes / 4));
  }

  /** Counts consumed bytes. @returns bytes to grant now, 0 for none */
  consume(bytes: number): number {
    this.#consumedBytes += bytes;
    if (this.#consumedBytes < this.#batchBytes) return 0;
    return this.reset();
  }

  /** Begins again, as after a new attachment. @returns what was consumed and not granted */
  reset(): number {
    const bytes = this.#consumedBytes;
    this.#consumedBytes = 0;
    return bytes;
  }
}

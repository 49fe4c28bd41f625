/**
 * Output on its way to a consumer: how much waits, and how much was consumed and is to be granted again, a quarter
 * window at a time. Bytes are raw bytes of output.
 */
export class CreditWindow {
  readonly #windowBytes: number;
  readonly #batchBytes: number;
  #waitingBytes = 0;
  #consumedBytes = 0;

  /** @param windowBytes credit that a follower has who has consumed everything */
  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
    this.#batchBytes = Math.max(1, Math.floor(windowBytes / 4));
  }

  /** Begins again, as with a new attachment. @returns the credit for it: what still waits here counts */
  begin(): number {
    this.#consumedBytes = 0;
    return Math.max(0, this.#windowBytes - this.#waitingBytes);
  }

  /** Output has come, and waits until it is consumed. */
  take(bytes: number): void {
    this.#waitingBytes += bytes;
  }

  /** Output that was taken is consumed. @returns bytes to grant now, 0 for none */
  consume(bytes: number): number {
    this.#waitingBytes -= bytes;
    return this.giveBack(bytes);
  }

  /** Output that was not taken has cost credit too. @returns bytes to grant now, 0 for none */
  giveBack(bytes: number): number {
    this.#consumedBytes += bytes;
    if (this.#consumedBytes < this.#batchBytes) return 0;
    const granted = this.#consumedBytes;
    this.#consumedBytes = 0;
    return granted;
  }
}

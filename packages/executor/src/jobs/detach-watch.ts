/** How long a job whose last attachment is gone waits for another, in milliseconds. */
const DETACH_GRACE_MS = 10_000;

/** Counts those who hold on to a job and tells when the last has been gone for a while. */
export class DetachWatch implements Disposable {
  readonly #onAbandoned: () => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(onAbandoned: () => void) {
    this.#onAbandoned = onAbandoned;
  }

  /** Attachments now. */
  get count(): number {
    return this.#count;
  }

  /** Holds on to the job until the returned hold is disposed. */
  hold(): Disposable {
    this.#count += 1;
    clearTimeout(this.#timer);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#count -= 1;
        if (this.#count === 0 && !this.#isDisposed) {
          this.#timer = setTimeout(this.#onAbandoned, DETACH_GRACE_MS);
        }
      },
    };
  }

  /** The job has ended: being left alone means nothing any more. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }
}

/** Below this a wait is the rounding error of a sum of fractions, in milliseconds. */
const ROUNDING_MS = 1e-6;

/**
 * Bounds how many jobs are started in a second, so that a client in a wild loop cannot fork the machine to a
 * standstill. A bucket of one second's starts: a burst of as many may come at once, and then as they are filled in.
 */
export class StartRate {
  readonly perSecond: number;
  readonly #now: () => number;
  readonly #intervalMs: number;
  /** When the bucket is full again, on the clock of `now`. */
  #fullAt: number;

  /** @param now Milliseconds of a clock that only goes forward. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.perSecond = perSecond;
    this.#now = now;
    this.#intervalMs = 1000 / perSecond;
    this.#fullAt = now();
  }

  /** Milliseconds until a start may be taken; 0 for now. */
  get waitMs(): number {
    const missingMs = this.#fullAt - this.#now();
    return Math.max(0, Math.ceil(missingMs + this.#intervalMs - 1000 - ROUNDING_MS));
  }

  /** Counts a start. Call it only when there is nothing to wait for. */
  take(): void {
    this.#fullAt = Math.max(this.#fullAt, this.#now()) + this.#intervalMs;
  }
}

/** A deadline over running time: it stands still while paused, and `touch` starts it anew. */
export class RunningTimer implements Disposable {
  readonly #durationMs: number;
  readonly #onElapsed: () => void;
  #leftMs: number;
  /** When the time that is left began to run; undefined while it stands still. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** It has elapsed or was disposed: a resume that was under way comes too late. */
  #isOver = false;

  constructor(durationMs: number, onElapsed: () => void) {
    this.#durationMs = durationMs;
    this.#leftMs = durationMs;
    this.#onElapsed = onElapsed;
  }

  /** Lets the time run. */
  resume(): void {
    if (this.#since !== undefined || this.#isOver) return;
    this.#since = performance.now();
    this.#arm();
  }

  pause(): void {
    if (this.#since === undefined) return;
    this.#leftMs -= performance.now() - this.#since;
    this.#since = undefined;
    clearTimeout(this.#timer);
  }

  /** The whole duration counts again from now. */
  touch(): void {
    this.#leftMs = this.#durationMs;
    if (this.#since !== undefined) this.#since = performance.now();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.pause();
  }

  #arm(): void {
    const since = this.#since;
    if (since === undefined) return;
    // A touch only moves the deadline; the timer finds out when it fires, so that touching costs nothing.
    const leftMs = this.#leftMs - (performance.now() - since);
    if (leftMs <= 0) {
      this.#since = undefined;
      this.#isOver = true;
      this.#onElapsed();
    } else {
      this.#timer = setTimeout(() => this.#arm(), Math.ceil(leftMs));
    }
  }
}

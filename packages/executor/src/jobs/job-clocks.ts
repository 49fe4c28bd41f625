import type { TimedOutWhich } from '@cc-executor/protocol';
import { RunningTimer } from './running-timer.ts';

/** The clocks of a running job. They count running time only, so they stand still while it is paused. */
export class JobClocks implements Disposable {
  readonly #total: RunningTimer;
  readonly #idle: RunningTimer | undefined;

  constructor(
    limits: { timeoutMs: number; idleTimeoutMs: number | undefined },
    onElapsed: (which: TimedOutWhich) => void,
  ) {
    this.#total = new RunningTimer(limits.timeoutMs, () => onElapsed('total'));
    this.#idle =
      limits.idleTimeoutMs === undefined
        ? undefined
        : new RunningTimer(limits.idleTimeoutMs, () => onElapsed('idle'));
    this.resume();
  }

  pause(): void {
    this.#total.pause();
    this.#idle?.pause();
  }

  resume(): void {
    this.#total.resume();
    this.#idle?.resume();
  }

  /** The job printed something. */
  touch(): void {
    this.#idle?.touch();
  }

  [Symbol.dispose](): void {
    this.#total[Symbol.dispose]();
    this.#idle?.[Symbol.dispose]();
  }
}

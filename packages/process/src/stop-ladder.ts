import { after } from './duration.ts';

/** The rungs of a {@link StopLadder}. */
export interface StopRungs {
  /** Asks every member to end. Not called when the first grace is 0. */
  readonly ask: () => Promise<void>;
  /** Resolves when nobody is left. */
  readonly vacated: Promise<void>;
  /** Ends every member by force and resolves when nobody is left. */
  readonly kill: () => Promise<void>;
}

/** Ends something in two steps: ask, and after a grace that later calls may shorten, kill. */
export class StopLadder {
  readonly #rungs: StopRungs;
  #graceOver = Promise.withResolvers<'graceOver'>();
  #outcome: Promise<void> | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #cancelTimer = (): void => {};

  constructor(rungs: StopRungs) {
    this.#rungs = rungs;
  }

  /** Whether {@link climb} has been called. */
  get isClimbing(): boolean {
    return this.#outcome !== undefined;
  }

  /** Begins, or shortens the grace of what has begun. Every call gets the one outcome. */
  climb(graceMs: number): Promise<void> {
    const deadlineMs = performance.now() + graceMs;
    if (deadlineMs < this.#deadlineMs) {
      this.#deadlineMs = deadlineMs;
      this.#cancelTimer();
      if (graceMs === 0) this.#graceOver.resolve('graceOver');
      else this.#cancelTimer = after(graceMs, () => this.#graceOver.resolve('graceOver'));
    }
    this.#outcome ??= this.#run(graceMs > 0).catch((error: unknown) => {
      // What has failed may be tried again by a later call, with a grace of its own.
      this.#outcome = undefined;
      this.#graceOver = Promise.withResolvers();
      this.#deadlineMs = Number.POSITIVE_INFINITY;
      throw error;
    });
    return this.#outcome;
  }

  async #run(isAskingFirst: boolean): Promise<void> {
    try {
      // Whoever could not be asked (the process table was not readable) is not waited for either.
      if (isAskingFirst && (await succeeds(this.#rungs.ask()))) {
        const first = await Promise.race([this.#rungs.vacated, this.#graceOver.promise]);
        if (first !== 'graceOver') return;
      }
      await this.#rungs.kill();
    } finally {
      this.#cancelTimer();
    }
  }
}

function succeeds(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}

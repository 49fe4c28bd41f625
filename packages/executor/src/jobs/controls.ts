import type { JobState } from '@cc-executor/protocol';

/** A control's answer: the state before it and after it. */
export interface Controlled {
  readonly before: JobState;
  readonly after: JobState;
}

/** Runs the controls of a job one after the other: a resume that comes while the tree is being paused finds it paused. */
export class Controls {
  readonly #state: () => JobState;
  #last: Promise<unknown> = Promise.resolve();

  constructor(state: () => JobState) {
    this.#state = state;
  }

  /** Runs `action` when those before it are done, also when they failed. Rejects as `action` does. */
  run(action: () => Promise<void>): Promise<Controlled> {
    const control = this.#last.then(async () => {
      const before = this.#state();
      await action();
      return { before, after: this.#state() };
    });
    this.#last = control.catch(() => undefined);
    return control;
  }
}

import { setImmediate } from 'node:timers/promises';

/** How long work may keep the event loop to itself, in milliseconds. */
const TURN_MS = 10;

/** Lets others run while something is read for long: what lies in memory comes without a pause of its own. */
export class FairTurn {
  #beganAt = performance.now();

  /** Whether it is time to let others run. */
  get isOver(): boolean {
    return performance.now() - this.#beganAt >= TURN_MS;
  }

  /** Lets them. */
  async next(): Promise<void> {
    await setImmediate();
    this.#beganAt = performance.now();
  }
}

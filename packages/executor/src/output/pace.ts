/** How far output may run ahead of a follower that keeps up: what it needs next is still in memory then. */
const MAX_LEAD_BYTES = 1024 * 1024;
/** How near it is when output goes on. */
const LOW_LEAD_BYTES = 512 * 1024;
/** How long output waits for a follower before that is one that lags, in milliseconds. */
const PATIENCE_MS = 50;

/** One who follows the output. */
export interface Runner {
  /** All up to this byte of the output is on its way to it. */
  sent(offset: number): void;
  leave(): void;
}

interface Standing {
  offset: number;
  /** It lags: nobody waits for it until it has caught up. */
  isLagging: boolean;
}

/**
 * Lets output and those who follow it go at one pace, as long as that costs next to nothing: what they get from memory
 * need not be read from disk. A follower that cannot keep up is waited for once, for a moment, and then lags alone.
 */
export class Pace implements Disposable {
  readonly #onChange: () => void;
  readonly #standings = new Map<Runner, Standing>();
  #outputBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange Called when output may go on. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether output is too far ahead of one that keeps up. */
  isAhead(outputBytes: number): boolean {
    this.#outputBytes = outputBytes;
    return this.#isAhead(MAX_LEAD_BYTES);
  }

  /** Whether output that rests should rest on; it does so for a moment only. */
  isResting(): boolean {
    const isAhead = this.#isAhead(LOW_LEAD_BYTES);
    if (isAhead) this.#timer ??= setTimeout(() => this.#giveUp(), PATIENCE_MS);
    else this.#endTimer();
    return isAhead;
  }

  /** Takes in a follower that begins at a byte of the output. */
  join(offset: number): Runner {
    const standing: Standing = { offset, isLagging: this.#outputBytes - offset > LOW_LEAD_BYTES };
    const runner: Runner = {
      sent: (to) => {
        standing.offset = to;
        if (this.#outputBytes - to > LOW_LEAD_BYTES) return;
        standing.isLagging = false;
        if (this.#timer !== undefined) this.#onChange();
      },
      leave: () => {
        this.#standings.delete(runner);
        if (this.#timer !== undefined) this.#onChange();
      },
    };
    this.#standings.set(runner, standing);
    return runner;
  }

  /** Nobody is waited for any more. */
  [Symbol.dispose](): void {
    this.#standings.clear();
    this.#endTimer();
  }

  #isAhead(leadBytes: number): boolean {
    for (const { offset, isLagging } of this.#standings.values()) {
      if (!isLagging && this.#outputBytes - offset > leadBytes) return true;
    }
    return false;
  }

  #giveUp(): void {
    this.#timer = undefined;
    for (const standing of this.#standings.values()) {
      standing.isLagging ||= this.#outputBytes - standing.offset > LOW_LEAD_BYTES;
    }
    this.#onChange();
  }

  #endTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

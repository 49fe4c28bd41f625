/** How long the place of a follower whose connection was lost is kept for its return, in milliseconds. */
export const RETURN_GRACE_MS = 10_000;

/** One who follows the output of a log. */
export interface Consumer {
  /** All up to this byte of the output has been consumed. */
  consumed(offset: number): void;
  /** It is gone. @param mayReturn its place is kept for a while */
  leave(mayReturn: boolean): void;
}

/** What those who follow the output of a log have consumed. */
export class Demand implements Disposable {
  readonly #onChange: () => void;
  readonly #offsets = new Map<Consumer, number>();
  /** Those who are gone and may return, with the end of their time. */
  readonly #absent = new Map<Consumer, NodeJS.Timeout>();

  /** @param onChange Called when the slowest has moved on or is gone. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** What the slowest follower has consumed, in raw bytes of output; undefined when nobody follows. */
  get floor(): number | undefined {
    return this.#offsets.size === 0 ? undefined : Math.min(...this.#offsets.values());
  }

  /** Takes in a follower that begins at a byte of the output. */
  join(offset: number): Consumer {
    const consumer: Consumer = {
      consumed: (to) => {
        const from = this.#offsets.get(consumer);
        if (from === undefined || to <= from) return;
        this.#offsets.set(consumer, to);
        this.#onChange();
      },
      leave: (mayReturn) => {
        if (!this.#offsets.has(consumer)) return;
        if (mayReturn) this.#keep(consumer);
        else this.#remove(consumer);
      },
    };
    this.#offsets.set(consumer, offset);
    this.#endReturn(offset);
    return consumer;
  }

  /** Nobody is waited for any more. */
  [Symbol.dispose](): void {
    for (const timer of this.#absent.values()) clearTimeout(timer);
    this.#absent.clear();
    this.#offsets.clear();
  }

  #keep(consumer: Consumer): void {
    if (this.#absent.has(consumer)) return;
    this.#absent.set(
      consumer,
      setTimeout(() => this.#remove(consumer), RETURN_GRACE_MS),
    );
  }

  #remove(consumer: Consumer): void {
    clearTimeout(this.#absent.get(consumer));
    this.#absent.delete(consumer);
    this.#offsets.delete(consumer);
    this.#onChange();
  }

  /** One who comes back goes on at or after what it had consumed, so it stands for the nearest of these. */
  #endReturn(offset: number): void {
    const [nearest] = [...this.#absent.keys()]
      .map((consumer) => ({ consumer, at: this.#offsets.get(consumer) ?? 0 }))
      .filter(({ at }) => at <= offset)
      .toSorted((one, other) => other.at - one.at);
    if (nearest !== undefined) this.#remove(nearest.consumer);
  }
}

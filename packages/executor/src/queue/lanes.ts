import PQueue from 'p-queue';

/** A lane's configuration: how many of its jobs run at once. */
export interface LaneConfig {
  readonly concurrency: number;
}

/** What a lane is doing. */
export interface LaneStatus {
  readonly concurrency: number;
  readonly running: number;
  readonly queued: number;
}

interface Lane {
  readonly queue: PQueue;
  /** Those that wait; p-queue tells how many, not how many go before one of them. */
  readonly waiting: Set<{ readonly priority: number }>;
}

/** Queues with a concurrency each. A slot is free again when the task has resolved, which is when its tree is empty. */
export class Lanes {
  readonly #lanes: ReadonlyMap<string, Lane>;

  constructor(configs: Readonly<Record<string, LaneConfig>>) {
    this.#lanes = new Map(
      Object.entries(configs).map(([name, { concurrency }]) => [
        name,
        { queue: new PQueue({ concurrency }), waiting: new Set() },
      ]),
    );
  }

  has(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  /**
   * Runs the task when the lane has room.
   *
   * @param signal Takes a task that still waits out of the queue. It must not abort once the task runs:
   * p-queue would free the slot while the tree still lives.
   * @returns How many wait before it, at its priority or above; undefined when it runs at once.
   */
  enqueue(
    name: string,
    task: () => Promise<void>,
    options: { priority: number; signal: AbortSignal; onRemoved: () => void },
  ): number | undefined {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new Error(`there is no lane ${name}`);
    const { queue, waiting } = lane;
    const { priority, signal, onRemoved } = options;
    const place = { priority };
    waiting.add(place);
    const run = (): Promise<void> => {
      waiting.delete(place);
      return task();
    };
    // The only rejection is the removal: tasks handle their own failures.
    void queue.add(run, { priority, signal }).catch(() => {
      waiting.delete(place);
      onRemoved();
    });
    if (!waiting.has(place)) return undefined;
    return [...waiting].filter((other) => other !== place && other.priority >= priority).length;
  }

  status(): Record<string, LaneStatus> {
    return Object.fromEntries(
      [...this.#lanes].map(([name, { queue }]) => [
        name,
        { concurrency: queue.concurrency, running: queue.pending, queued: queue.size },
      ]),
    );
  }
}

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

/** Queues with a concurrency each. A slot is free again when the task has resolved, which is when its tree is empty. */
export class Lanes {
  readonly #queues: ReadonlyMap<string, PQueue>;

  constructor(configs: Readonly<Record<string, LaneConfig>>) {
    this.#queues = new Map(
      Object.entries(configs).map(([name, { concurrency }]) => [name, new PQueue({ concurrency })]),
    );
  }

  has(lane: string): boolean {
    return this.#queues.has(lane);
  }

  /**
   * Runs the task when the lane has room.
   *
   * @param signal Takes a task that still waits out of the queue. It must not abort once the task runs:
   * p-queue would free the slot while the tree still lives.
   * @returns How many wait before it, at its priority or above; undefined when it runs at once.
   */
  enqueue(
    lane: string,
    task: () => Promise<void>,
    options: { priority: number; signal: AbortSignal; onRemoved: () => void },
  ): number | undefined {
    const queue = this.#queues.get(lane);
    if (queue === undefined) throw new Error(`there is no lane ${lane}`);
    const { priority, signal, onRemoved } = options;
    // The only rejection is the removal: tasks handle their own failures.
    void queue.add(task, { priority, signal }).catch(onRemoved);
    return queue.size === 0 ? undefined : queue.size - 1;
  }

  status(): Record<string, LaneStatus> {
    return Object.fromEntries(
      [...this.#queues].map(([name, queue]) => [
        name,
        { concurrency: queue.concurrency, running: queue.pending, queued: queue.size },
      ]),
    );
  }
}

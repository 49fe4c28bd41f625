import PQueue from 'p-queue';

/**
 * Bounds how many processes start up at the same time. A starting Claude takes about 0.4 s of a core, and
 * twenty at once on two cores take 7.7 s each (measured), so they start as many at once as there are cores.
 */
export class StartGate {
  readonly #queue: PQueue;

  constructor(concurrency: number) {
    this.#queue = new PQueue({ concurrency });
  }

  /**
   * Waits for a turn and returns what ends it; ending it twice does no harm. When the signal aborts first, it
   * waits no longer and there is no turn.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    const entered = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const giveUp = (): void => {
      // Its place in the queue comes up some day and is empty then.
      left.resolve();
      entered.resolve();
    };
    void this.#queue.add(() => {
      entered.resolve();
      return left.promise;
    });
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    await entered.promise;
    signal?.removeEventListener('abort', giveUp);
    return left.resolve;
  }
}

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

  /** Waits for a turn and returns what ends it; ending it twice does no harm. */
  async enter(): Promise<() => void> {
    const entered = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    void this.#queue.add(() => {
      entered.resolve();
      return left.promise;
    });
    await entered.promise;
    return left.resolve;
  }
}

/** Lets any number of waiters sleep until something has happened. */
export class Notifier {
  #waiters = new Set<() => void>();

  /** Wakes everybody who waits now. */
  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }

  /** Resolves at the next `notify`, or when the signal aborts; the caller checks its state again either way. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    const wake = (): void => resolve();
    signal?.addEventListener('abort', wake, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(resolve);
      // A listener that stays on a long-lived signal would be a leak.
      signal?.removeEventListener('abort', wake);
    }
  }
}

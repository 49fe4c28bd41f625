import type { LogEntry } from '@cc-executor/protocol';

/** Entries that may wait for a consumer. */
const MAX_ENTRIES = 8_192;
/** Characters of entries other than output that may wait. Output is bounded by credit. */
const MAX_EVENT_CHARS = 4 * 1024 * 1024;

/**
 * Entries of one job between the socket and their consumer.
 *
 * Output is bounded by credit; the number of entries, and the size of those that credit does not count, are
 * bounded here. At the bound the inbox takes nothing more and says so: the log still has what it missed.
 */
export class EntryInbox {
  #entries: { readonly entry: LogEntry; readonly eventChars: number }[] = [];
  #eventChars = 0;
  #isOverflowed = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** An entry did not fit, and none has been taken since. */
  get isOverflowed(): boolean {
    return this.#isOverflowed;
  }

  /** Why no more entries come, once that is so. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** @param frameChars size of the frame that brought it @returns false when this entry overflowed the inbox */
  push(entry: LogEntry, frameChars: number): boolean {
    if (this.#isOverflowed || this.#failure !== undefined) return true;
    const eventChars = entry.type === 'output' ? 0 : frameChars;
    const isFull = this.#entries.length >= MAX_ENTRIES || this.#eventChars + eventChars > MAX_EVENT_CHARS;
    // One entry always fits, whatever its size.
    if (isFull && this.#entries.length > 0) {
      this.#isOverflowed = true;
      return false;
    }
    this.#entries.push({ entry, eventChars });
    this.#eventChars += eventChars;
    this.#wake?.();
    return true;
  }

  /** Takes nothing more; what came before can still be read. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** All that is there now, in order. */
  takeAll(): LogEntry[] {
    const entries = this.#entries.map(({ entry }) => entry);
    this.#entries = [];
    this.#eventChars = 0;
    return entries;
  }

  /** Takes entries again after an overflow. */
  reopen(): void {
    this.#isOverflowed = false;
  }

  /** Ends a wait although nothing has come. */
  wake(): void {
    this.#wake?.();
  }

  /** Resolves when there is an entry or a failure, or it is woken; rejects with the signal's reason. For one waiter. */
  async changed(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#entries.length > 0 || this.#failure !== undefined) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal?.reason);
    this.#wake = resolve;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#wake = undefined;
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { isClientError, type ExecutorClient } from '@cc-executor/client';

/** Tries of an operation whose connection breaks, the first included. */
const MAX_TRIES = 6;
/** Pause before another try, times the tries so far, in milliseconds. */
const RETRY_PAUSE_MS = 100;

/** The bridge's connection to an executor: made when it is first needed, and again after it was lost. */
export class ExecutorLink implements AsyncDisposable {
  readonly #connect: (signal: AbortSignal) => Promise<ExecutorClient>;
  readonly #log: (line: string) => void;
  readonly #stop = new AbortController();
  #current: Promise<ExecutorClient> | undefined;

  constructor(connect: (signal: AbortSignal) => Promise<ExecutorClient>, log: (line: string) => void) {
    this.#connect = connect;
    this.#log = log;
  }

  /** The connection, shared by all calls; aborting ends only this wait. */
  async client(signal: AbortSignal): Promise<ExecutorClient> {
    signal.throwIfAborted();
    this.#current ??= this.#open();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([this.#current, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Runs an operation that may be repeated, again over a new connection when the old one breaks. */
  async use<T>(signal: AbortSignal, operation: (client: ExecutorClient) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await operation(await this.client(signal));
      } catch (error) {
        if (!isClientError(error, 'connectionLost') || tries === MAX_TRIES) throw error;
        await delay(RETRY_PAUSE_MS * tries, undefined, { signal });
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the bridge ends'));
    const client = await this.#current?.catch(() => undefined);
    await client?.[Symbol.asyncDispose]();
  }

  #open(): Promise<ExecutorClient> {
    const opening = this.#connect(this.#stop.signal);
    void this.#forgetWhenOver(opening);
    return opening;
  }

  async #forgetWhenOver(opening: Promise<ExecutorClient>): Promise<void> {
    try {
      const client = await opening;
      this.#log(`connected to executor ${client.info.serverInfo.version} (${client.info.connectionId})`);
      const { code } = await client.closed;
      this.#log(`connection to the executor ended (${code})`);
    } catch {
      // Whoever asked for the connection gets the error.
      this.#log('connecting to the executor failed');
    } finally {
      if (this.#current === opening) this.#current = undefined;
    }
  }
}

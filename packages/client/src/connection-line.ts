import { ClientError, isClientError } from './client-error.ts';
import type { Connection } from './connection.ts';
import { orAborted } from './or-aborted.ts';
import { pause } from './pause.ts';
import {
  comesBack,
  DEFAULT_GIVE_UP_MS,
  isWorthAnotherTry,
  MAX_PAUSE_MS,
  pauseBefore,
  type ReconnectOptions,
} from './reconnect-rules.ts';
import type { Closing } from './web-socket-like.ts';

/** What a line stands on. */
export interface ConnectionLineOptions {
  /** Makes another connection, in at most `timeoutMs`. */
  readonly connect: (timeoutMs: number, signal: AbortSignal) => Promise<Connection>;
  readonly reconnect: ReconnectOptions | false;
  /** Called with each connection after the first, before anybody else uses it. */
  readonly onConnected: (connection: Connection) => void;
  /** Called once when the line is over for good. */
  readonly onEnd: (error: Error) => void;
}

/** A time without a connection that serves. */
interface Outage {
  readonly since: number;
  attempts: number;
}

function newOutage(): Outage {
  return { since: performance.now(), attempts: 0 };
}

/** The line to an executor: one connection after the other, until it is disposed of or given up. */
export class ConnectionLine implements AsyncDisposable {
  /** Resolves when the line is over, with how its last connection ended; never rejects. */
  readonly closed: Promise<Closing>;
  readonly #options: ConnectionLineOptions;
  readonly #stop = new AbortController();
  #current: Connection;
  #ended: Error | undefined;
  #change = Promise.withResolvers<void>();

  constructor(first: Connection, options: ConnectionLineOptions) {
    this.#options = options;
    this.#current = first;
    this.closed = this.#keep();
  }

  /** The latest connection, be it lost or not. */
  get current(): Connection {
    return this.#current;
  }

  /** Aborts when the line is over. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get isConnected(): boolean {
    return !this.#current.isLost && this.#ended === undefined;
  }

  /**
   * Runs an operation over the connection, as soon as there is one; again over the next one when it gets lost
   * meanwhile and the operation may be repeated.
   *
   * @throws what the operation throws; why the line is over; the signal's reason
   */
  async use<T>(
    mayRepeat: boolean,
    operation: (connection: Connection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    for (;;) {
      const connection = await this.#connected(signal);
      try {
        return await operation(connection);
      } catch (error) {
        if (!mayRepeat || !isClientError(error, 'connectionLost')) throw error;
      }
    }
  }

  /** Fails what waits at once, then closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new ClientError('closed', 'The client was closed', { byUs: true }));
    await this.#current[Symbol.asyncDispose]();
  }

  async #connected(signal: AbortSignal | undefined): Promise<Connection> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#ended !== undefined) throw this.#ended;
      if (!this.#current.isLost) return this.#current;
      await orAborted(this.#change.promise, signal);
    }
  }

  /** Replaces each connection that is lost, until there is no coming back. */
  async #keep(): Promise<Closing> {
    let outage = newOutage();
    for (;;) {
      const loss = await this.#current.lost;
      const closing: Closing = { code: loss.data.closeCode, reason: loss.data.reason };
      if (this.#options.reconnect === false || !comesBack(closing.code)) this.#end(loss);
      if (this.#ended !== undefined) return closing;
      // One that was lost before it brought anything does not end the outage, or it would be made for ever.
      if (this.#current.hasServed || this.#current.ageMs > MAX_PAUSE_MS) outage = newOutage();
      const { onChange } = this.#options.reconnect || {};
      onChange?.(false);
      try {
        this.#current = await this.#replace(loss, outage);
      } catch (error) {
        this.#end(error instanceof Error ? error : loss);
        return closing;
      }
      this.#options.onConnected(this.#current);
      this.#notify();
      onChange?.(true);
    }
  }

  /** Tries until there is a connection. @throws why there will be none */
  async #replace(loss: ClientError<'connectionLost'>, outage: Outage): Promise<Connection> {
    const { connect, reconnect } = this.#options;
    const giveUpMs = (reconnect || {}).giveUpMs ?? DEFAULT_GIVE_UP_MS;
    const { signal } = this.#stop;
    const deadline = outage.since + giveUpMs;
    for (let last: unknown = loss; ;) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        const message = `${loss.message}, and no other could be made for ${giveUpMs} ms`;
        throw new ClientError('connectionLost', message, loss.data, { cause: last });
      }
      await pause(Math.min(pauseBefore(outage.attempts++), leftMs), signal);
      try {
        const connection = await connect(Math.max(1, deadline - performance.now()), signal);
        if (!signal.aborted) return connection;
        void connection[Symbol.asyncDispose]();
      } catch (error) {
        if (!signal.aborted && !isWorthAnotherTry(error)) throw error;
        last = error;
      }
      signal.throwIfAborted();
    }
  }

  /** The first reason stands. */
  #end(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#stop.abort(error);
    this.#current.end(error);
    this.#options.onEnd(error);
    this.#notify();
  }

  #notify(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

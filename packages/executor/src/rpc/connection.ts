import { randomUUID } from 'node:crypto';
import { closeCodes, type CloseCodeName } from '@cc-executor/protocol';
import type { RawData, WebSocket } from 'ws';

/** Bytes on their way to a client above which followers wait. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Bytes on their way below which they go on. */
const LOW_WATER_BYTES = 512 * 1024;
/** Bytes on their way above which nothing more is read: a client that takes no replies is to send no requests. */
const MAX_IN_FLIGHT_BYTES = 16 * 1024 * 1024;
const PING_INTERVAL_MS = 15_000;

/** One WebSocket: sends text, knows how much is on its way, notices when the peer is gone. */
export class Connection {
  readonly id = randomUUID();
  /** Aborts when the connection is closed, whoever closed it. */
  readonly closed: AbortSignal;
  readonly #socket: WebSocket;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<() => void>();
  #inFlightBytes = 0;
  #missedPongs = 0;

  /** @param onText Called with each text frame; a binary frame closes the connection. */
  constructor(socket: WebSocket, onText: (text: string) => void) {
    this.#socket = socket;
    this.closed = this.#closing.signal;
    const ping = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) this.close('policyViolation', 'binary frames are not part of the protocol');
      // `ws` hands a whole message over as one Buffer unless its binaryType is changed.
      else onText((data as Buffer).toString('utf8'));
    });
    socket.on('pong', () => {
      this.#missedPongs = 0;
    });
    // The close event follows; nothing is to be done about the error itself.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(ping);
      this.#closing.abort();
      this.#wake();
    });
  }

  /**
   * Sends a text frame, as a string or as its bytes; on a closed connection it does nothing.
   *
   * @param onSent Called once nobody looks at the bytes any more.
   */
  send(text: string | Buffer, onSent?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      onSent?.();
      return;
    }
    this.#inFlightBytes += text.length;
    if (this.#inFlightBytes > MAX_IN_FLIGHT_BYTES) this.#socket.pause();
    this.#socket.send(text, { binary: false }, () => {
      this.#inFlightBytes -= text.length;
      onSent?.();
      if (this.#inFlightBytes > LOW_WATER_BYTES) return;
      if (this.#socket.isPaused) this.#socket.resume();
      this.#wake();
    });
  }

  /** Whether more may be sent without piling up. */
  get isWritable(): boolean {
    return this.#inFlightBytes <= HIGH_WATER_BYTES || this.closed.aborted;
  }

  /** Resolves when more may be sent, the connection is closed or the signal aborts. */
  async writable(signal: AbortSignal): Promise<void> {
    while (!this.isWritable && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#waiters.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      this.#waiters.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }

  close(code: CloseCodeName, reason: string): void {
    this.#socket.close(closeCodes[code], reason);
  }

  /** Cuts the connection without waiting for the peer. */
  terminate(): void {
    this.#socket.terminate();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
  }

  #ping(): void {
    if (this.#missedPongs >= 2) {
      this.close('unresponsive', 'no answer to pings');
      this.terminate();
      return;
    }
    this.#missedPongs += 1;
    this.#socket.ping();
  }
}

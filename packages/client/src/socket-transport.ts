import { ClientError } from './client-error.ts';
import { connectFailure } from './connect-failure.ts';
import type { Closing, WebSocketLike } from './web-socket-like.ts';

/** How long a closing handshake may take before the connection is cut, in milliseconds. */
const CLOSE_GRACE_MS = 1_000;

/** Text frames over a socket, from the moment it is asked for to its end. */
export class SocketTransport implements AsyncDisposable {
  /** Resolves once the socket is open; rejects with `ClientError` when it never opens. */
  readonly opened: Promise<void>;
  /** Resolves when the socket is closed, whoever closed it; never rejects. */
  readonly closed: Promise<Closing>;
  readonly #socket: WebSocketLike;
  #receivedFrames = 0;

  /** @param onText Called with each text frame. A binary frame ends the connection. */
  constructor(socket: WebSocketLike, onText: (text: string) => void) {
    this.#socket = socket;
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<Closing>();
    this.opened = opened.promise;
    this.closed = closed.promise;
    // Whoever waits for `opened` sees the rejection; nobody has to.
    this.opened.catch(() => undefined);
    socket.addEventListener('open', () => opened.resolve());
    socket.addEventListener('message', ({ data }) => {
      this.#receivedFrames += 1;
      if (typeof data === 'string') onText(data);
      else this.close(4400, 'binary frames are not part of the protocol');
    });
    socket.addEventListener('error', (event) => opened.reject(connectFailure(event)));
    socket.addEventListener('close', ({ code, reason }) => {
      opened.reject(
        new ClientError('connectFailed', `The socket closed before it opened (${code} ${reason})`, {}),
      );
      closed.resolve({ code, reason });
    });
  }

  /** Frames that have come so far. */
  get receivedFrames(): number {
    return this.#receivedFrames;
  }

  /** Sends a text frame; on a closing socket it is lost, and `closed` tells so. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** Begins to close. @param code 1000, or 4000 to 4999: browsers allow no other */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Closes and waits for the end, for a bounded time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close(1000, '');
    const { promise: expired, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_GRACE_MS);
    await Promise.race([this.closed, expired]);
    clearTimeout(timer);
    this.#socket.terminate?.();
  }
}

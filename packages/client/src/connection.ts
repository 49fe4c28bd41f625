import type { MethodInput, MethodName, MethodResult } from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import { orAborted } from './or-aborted.ts';
import { RpcChannel } from './rpc-channel.ts';
import { SocketTransport } from './socket-transport.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** What one connection is made of. */
interface ConnectionParts {
  readonly transport: SocketTransport;
  readonly channel: RpcChannel;
}

/** One socket to an executor that has answered `initialize`. */
export class Connection implements AsyncDisposable {
  /** What the executor said about itself. */
  readonly info: MethodResult<'initialize'>;
  /** Resolves with what a call over the lost connection fails with; never rejects. */
  readonly lost: Promise<ClientError<'connectionLost'>>;
  readonly #parts: ConnectionParts;
  readonly #openedAt = performance.now();
  #isLost = false;

  private constructor(parts: ConnectionParts, info: MethodResult<'initialize'>) {
    this.#parts = parts;
    this.info = info;
    this.lost = this.#failWhenLost();
  }

  /**
   * Introduces the client over a socket that is being opened.
   *
   * @param onNotification see `RpcChannelOptions`
   * @throws RpcError what the executor answered to `initialize`
   * @throws ClientError see `connectClient`
   */
  static async introduce(
    socket: WebSocketLike,
    params: MethodInput<'initialize'>,
    onNotification: (params: unknown, frameChars: number) => void,
    signal: AbortSignal,
  ): Promise<Connection> {
    const transport = new SocketTransport(socket, (text) => channel.receive(text));
    const channel: RpcChannel = new RpcChannel({
      send: (text) => transport.send(text),
      onNotification,
      onUnreadable: (reason) => transport.close(4400, reason),
    });
    try {
      await orAborted(transport.opened, signal);
      const closed = transport.closed.then((closing) => Promise.reject(lossOf(closing)));
      const info = await Promise.race([channel.call('initialize', params, signal), closed]);
      channel.limitFrames(info.limits.maxFrameBytes);
      return new Connection({ transport, channel }, info);
    } catch (error) {
      // Not awaited: the caller learns of the failure now, and the socket is cut within a second.
      void transport[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** No more can be sent, and nothing more comes. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether it has brought something since `initialize`. */
  get hasServed(): boolean {
    return this.#parts.transport.receivedFrames > 1;
  }

  /** Since `initialize` was answered, in milliseconds. */
  get ageMs(): number {
    return performance.now() - this.#openedAt;
  }

  /** Sends a request and waits for its reply; see `RpcChannel.call`. */
  call<M extends MethodName>(
    method: M,
    params: MethodInput<M>,
    signal?: AbortSignal,
  ): Promise<MethodResult<M>> {
    return this.#parts.channel.call(method, params, signal);
  }

  /** Sends a request that gets no reply. Over a lost connection it does nothing. */
  notify<M extends MethodName>(method: M, params: MethodInput<M>): void {
    this.#parts.channel.notify(method, params);
  }

  /** Fails what is pending and all that comes later with this error, whatever becomes of the socket. */
  end(error: Error): void {
    this.#parts.channel.end(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.transport[Symbol.asyncDispose]();
  }

  async #failWhenLost(): Promise<ClientError<'connectionLost'>> {
    const { transport, channel } = this.#parts;
    const error = lossOf(await transport.closed);
    this.#isLost = true;
    channel.end(error);
    return error;
  }
}

function lossOf({ code, reason }: { code: number; reason: string }): ClientError<'connectionLost'> {
  const text = reason === '' ? `code ${code}` : `code ${code}: ${reason}`;
  const message = `The connection to the executor is lost (${text})`;
  return new ClientError('connectionLost', message, { closeCode: code, reason });
}

import {
  methods,
  Response,
  RpcError,
  type MethodInput,
  type MethodName,
  type MethodResult,
} from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import { readOutputFrame } from './output-frame.ts';

/** A request that waits for its reply. */
interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What an RPC channel stands on. */
export interface RpcChannelOptions {
  readonly send: (text: string) => void;
  /** Called with each notification. @param frameChars size of its frame in characters */
  readonly onNotification: (params: unknown, frameChars: number) => void;
  /** Called when the peer does not speak the protocol. */
  readonly onUnreadable: (reason: string) => void;
}

/** Matches replies to requests on one connection. */
export class RpcChannel {
  readonly #options: RpcChannelOptions;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;
  #ended: Error | undefined;
  #maxFrameBytes = Infinity;

  constructor(options: RpcChannelOptions) {
    this.#options = options;
  }

  /** Largest request that the peer takes, once it has said so. */
  limitFrames(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * Sends a request and waits for its reply. Aborting ends the wait, not what was asked for.
   *
   * @throws RpcError what the executor answered
   * @throws ClientError `connectionLost`, `closed`, `frameTooLarge`, `badReply`
   */
  async call<M extends MethodName>(
    method: M,
    params: MethodInput<M>,
    signal?: AbortSignal,
  ): Promise<MethodResult<M>> {
    signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#nextId++;
    const text = this.#encode({ jsonrpc: '2.0', id, method, params });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onAbort = (): void => reject(signal?.reason);
    this.#pending.set(id, { resolve, reject });
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#options.send(text);
      const parsed = methods[method].result.safeParse(await promise);
      // The table pairs each method with its result schema; TypeScript cannot follow an indexed pair.
      if (parsed.success) return parsed.data as MethodResult<M>;
      const message = `The executor's answer to ${method} does not match the protocol`;
      throw new ClientError('badReply', message, { method }, { cause: parsed.error });
    } finally {
      this.#pending.delete(id);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Sends a request that gets no reply. On an ended channel it does nothing. */
  notify<M extends MethodName>(method: M, params: MethodInput<M>): void {
    if (this.#ended === undefined) this.#options.send(this.#encode({ jsonrpc: '2.0', method, params }));
  }

  /** Takes a frame from the peer. */
  receive(text: string): void {
    const output = readOutputFrame(text);
    if (output !== undefined) {
      this.#options.onNotification(output, text.length);
      return;
    }
    const frame = parseJson(text);
    if (typeof frame === 'object' && frame !== null && 'method' in frame) {
      this.#options.onNotification('params' in frame ? frame.params : undefined, text.length);
      return;
    }
    const reply = Response.safeParse(frame);
    // A reply without an id is about a request that the peer could not read: ours are always readable.
    if (!reply.success || reply.data.id === null) {
      this.#options.onUnreadable('a frame that is neither a reply nor a notification');
      return;
    }
    const pending = this.#pending.get(Number(reply.data.id));
    if ('error' in reply.data) pending?.reject(RpcError.fromObject(reply.data.error));
    else pending?.resolve(reply.data.result);
  }

  /** Fails every pending call and all later ones; the first reason stands. */
  end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
  }

  #encode(frame: object): string {
    const text = JSON.stringify(frame);
    const bytes = new TextEncoder().encode(text).byteLength;
    const limitBytes = this.#maxFrameBytes;
    if (bytes <= limitBytes) return text;
    const message = `The request has ${bytes} bytes; the executor takes at most ${limitBytes}`;
    throw new ClientError('frameTooLarge', message, { bytes, limitBytes });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

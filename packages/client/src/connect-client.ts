import { PROTOCOL_VERSION } from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import { ExecutorClient } from './executor-client.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** How to reach an executor. */
export interface ConnectOptions {
  /** Opens the socket, with the token in its `Authorization` header where the executor asks for one. */
  readonly open: () => WebSocketLike;
  /** Who connects; it shows in the executor's log. */
  readonly client: { readonly name: string; readonly version: string };
  /** Most time until the executor has answered `initialize`, in milliseconds. @default 10 000 */
  readonly timeoutMs?: number;
  /** Aborting gives up with the signal's reason. Once connected, it has no effect. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to an executor.
 *
 * @throws ClientError `connectFailed`, `unauthorized`, `handshakeRefused`, `timedOut`, `connectionLost`, `badReply`
 * @throws RpcError such as `unsupportedVersion`
 */
export async function connectClient(options: ConnectOptions): Promise<ExecutorClient> {
  const { open, client, timeoutMs = 10_000, signal } = options;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const params = { protocolVersion: PROTOCOL_VERSION, client: { ...client } };
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    return await ExecutorClient.introduce(openSocket(open), params, either);
  } catch (error) {
    if (error !== timeout.reason) throw error;
    const message = `The executor did not answer within ${timeoutMs} ms`;
    throw new ClientError('timedOut', message, { timeoutMs }, { cause: error });
  }
}

function openSocket(open: () => WebSocketLike): WebSocketLike {
  try {
    return open();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ClientError('connectFailed', `Cannot open a socket: ${text}`, {}, { cause: error });
  }
}

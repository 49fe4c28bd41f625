import { connect } from 'node:net';
import { connectClient, type ExecutorClient, type ReconnectOptions } from '@cc-executor/client';
import { WebSocket } from 'ws';

/** Where an executor listens, and the token for it. */
export interface ExecutorAddress {
  readonly where: { readonly socket: string } | { readonly url: string };
  readonly token: string | undefined;
}

/** How to connect. */
export interface OpenClientOptions {
  readonly version: string;
  /** Most time until the executor has answered, in milliseconds. */
  readonly timeoutMs: number;
  /** How to come back after a loss, for a command that stays with its job. @default not at all */
  readonly reconnect?: ReconnectOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Connects to the executor at an address. @throws ClientError, RpcError */
export function openClient(address: ExecutorAddress, options: OpenClientOptions): Promise<ExecutorClient> {
  const { where, token } = address;
  const { version, timeoutMs, reconnect = false, signal } = options;
  const socketOptions = {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: timeoutMs,
    // The log of a job comes in frames of at most a megabyte.
    maxPayload: 64 * 1024 * 1024,
  };
  const open = (): WebSocket =>
    'url' in where
      ? new WebSocket(where.url, socketOptions)
      : // Not the `ws+unix:` scheme: it cannot tell a path with a colon or a space.
        new WebSocket('ws://localhost/ws', {
          ...socketOptions,
          createConnection: () => connect(where.socket),
        });
  return connectClient({
    open,
    client: { name: 'cc-executor', version },
    timeoutMs,
    reconnect,
    ...(signal === undefined ? {} : { signal }),
  });
}

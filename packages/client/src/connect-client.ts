import { PROTOCOL_VERSION } from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import { Connection } from './connection.ts';
import { ExecutorClient } from './executor-client.ts';
import { Followers } from './followers.ts';
import { JobHolds } from './job-holds.ts';
import type { ReconnectOptions } from './reconnect-rules.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** How to reach an executor. */
export interface ConnectOptions {
  /** Opens a socket, each time one is needed, with the token in its `Authorization` header where the executor asks for one. */
  readonly open: () => WebSocketLike;
  /** Who connects; it shows in the executor's log. */
  readonly client: { readonly name: string; readonly version: string };
  /** Most time until the executor has answered `initialize`, in milliseconds. @default 10 000 */
  readonly timeoutMs?: number;
  /**
   * How to come back when the connection is lost without our asking; false does not come back.
   *
   * A job whose `onDetach` is `cancel` waits 10 s for us; tries come quickly enough to use most of that.
   */
  readonly reconnect?: ReconnectOptions | false;
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
  const { timeoutMs = 10_000, reconnect = {} } = options;
  const holds = new JobHolds();
  const followers = new Followers(holds);
  const connect = (maxMs: number, signal?: AbortSignal): Promise<Connection> =>
    openConnection(options, followers, Math.min(timeoutMs, Math.ceil(maxMs)), signal);
  const first = await connect(timeoutMs, options.signal);
  return new ExecutorClient(first, { followers, holds, connect, reconnect });
}

async function openConnection(
  { open, client }: ConnectOptions,
  followers: Followers,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const params = { protocolVersion: PROTOCOL_VERSION, client: { ...client } };
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const deliver = (entry: unknown, frameChars: number): void => followers.deliver(entry, frameChars);
  try {
    return await Connection.introduce(openSocket(open), params, deliver, either);
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

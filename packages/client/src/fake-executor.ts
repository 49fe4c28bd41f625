import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { RpcError, type JobEntry } from '@cc-executor/protocol';
import { WebSocket, WebSocketServer } from 'ws';
import { connectClient, type ConnectOptions } from './connect-client.ts';
import type { ExecutorClient } from './executor-client.ts';

/** A request as the fake executor sees it. */
export interface FakeRequest {
  readonly id?: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** The executor's side of one connection. */
export interface FakeConnection {
  readonly socket: WebSocket;
  /** All that the client has asked for, `initialize` excepted. */
  readonly requests: FakeRequest[];
  /** Sends log entries as notifications. */
  notify(...entries: JobEntry[]): void;
  /** Resolves with the next request of this method that has not been awaited before. */
  request(method: string): Promise<FakeRequest>;
}

/** Answers a request: a result, an `RpcError` to throw, or a promise of one. */
export type FakeHandler = (request: FakeRequest, connection: FakeConnection) => unknown;

/** A socket server that speaks just enough of the protocol for the tests of the client. */
export interface FakeExecutor extends AsyncDisposable {
  readonly url: string;
  readonly connections: FakeConnection[];
  /** Resolves with a connection once it has been made; the first is 0. */
  connection(index: number): Promise<FakeConnection>;
  connect(options?: Partial<ConnectOptions>): Promise<ExecutorClient>;
}

/** What `initialize` answers. */
export const fakeInfo = {
  protocolVersion: 1,
  serverInfo: { name: 'fake', version: '1.0.0' },
  limits: { maxFrameBytes: 1024 * 1024, maxCreditBytes: 64 * 1024 * 1024, maxLiveJobs: 10 },
  containment: 'portable',
  policyHash: 'h',
  connectionId: 'c',
} as const;

/** Starts a fake executor on a free port. */
export async function startFakeExecutor(
  handle: FakeHandler = () => ({}),
  /** `status` refuses connections, for as long as it is set. */
  options: { status?: number } = {},
): Promise<FakeExecutor> {
  const connections: FakeConnection[] = [];
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    verifyClient: (_info, answer) => answer(options.status === undefined, options.status, 'no'),
  });
  let wake = Promise.withResolvers<void>();
  server.on('connection', (socket) => {
    connections.push(serve(socket, handle));
    wake.resolve();
    wake = Promise.withResolvers();
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    connections,
    connection: async (index) => {
      for (;;) {
        const found = connections[index];
        if (found !== undefined) return found;
        await wake.promise;
      }
    },
    connect: (more) =>
      connectClient({ open: () => new WebSocket(url), client: { name: 'test', version: '1' }, ...more }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: WebSocket, handle: FakeHandler): FakeConnection {
  const requests: FakeRequest[] = [];
  const awaited = new Set<FakeRequest>();
  let wake = Promise.withResolvers<void>();
  const connection: FakeConnection = {
    socket,
    requests,
    notify: (...entries) => {
      for (const entry of entries) {
        socket.send(JSON.stringify({ jsonrpc: '2.0', method: `job/${entry.type}`, params: entry }));
      }
    },
    request: async (method) => {
      for (;;) {
        const found = requests.find((request) => request.method === method && !awaited.has(request));
        if (found !== undefined) {
          awaited.add(found);
          return found;
        }
        await wake.promise;
      }
    },
  };
  socket.on('message', (data: Buffer) => {
    const request = JSON.parse(data.toString()) as FakeRequest;
    if (request.method !== 'initialize') requests.push(request);
    void answer(socket, request, request.method === 'initialize' ? () => fakeInfo : handle, connection);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  return connection;
}

async function answer(
  socket: WebSocket,
  request: FakeRequest,
  handle: FakeHandler,
  connection: FakeConnection,
): Promise<void> {
  const { id } = request;
  const reply = await Promise.try(handle, request, connection).then(
    (result) => ({ result }),
    (error: unknown) => {
      if (error instanceof RpcError) return { error: error.toObject() };
      throw error;
    },
  );
  if (id !== undefined) socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...reply }));
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { closeCodes } from '@cc-executor/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import { judgeHandshake, type HandshakeRules, type Refusal } from './handshake.ts';
import { claimSocketPath } from './socket-path.ts';

/** Largest frame that a client may send, in bytes. It takes the largest prompt. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_CONNECTIONS = 256;
/** A client that sends its request slower than this is cut off, in milliseconds. */
const REQUEST_TIMEOUT_MS = 5_000;

/** How long a client may take to agree to the end, in milliseconds. */
const CLOSE_TIMEOUT_MS = 500;

/** Where to listen, and who may come in. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly socketPath: string | undefined;
  /** Values of the Host header besides the loopback names with the port. */
  readonly allowedHosts: readonly string[];
  readonly token: string | undefined;
  /** What takes a WebSocket, by path. */
  readonly sockets: Readonly<Record<string, (socket: WebSocket) => void>>;
  /** What answers a plain GET, by path. */
  readonly pages: Readonly<Record<string, () => { status: number; body: unknown }>>;
}

/** The door of the executor: one set of rules on TCP and on a Unix socket. */
export class HttpServer implements AsyncDisposable {
  readonly port: number;
  readonly #servers: Server[];
  readonly #upgrades: WebSocketServer;

  private constructor(port: number, servers: Server[], upgrades: WebSocketServer) {
    this.port = port;
    this.#servers = servers;
    this.#upgrades = upgrades;
  }

  /** @throws Error when an address is in use or cannot be listened on. */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      clientTracking: true,
    });
    const allowedHosts = options.allowedHosts.map((host) => host.toLowerCase());
    const tcpHosts = new Set(allowedHosts);
    const tcp = createHttpServer(options, tcpHosts, upgrades);
    await listen(tcp, { host: options.host, port: options.port });
    const { port } = tcp.address() as AddressInfo;
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) tcpHosts.add(`${name}:${port}`);
    const servers = [tcp];
    if (options.socketPath !== undefined) {
      try {
        await claimSocketPath(options.socketPath);
        // A Unix socket has no port; clients send localhost.
        const unix = createHttpServer(options, new Set([...allowedHosts, 'localhost']), upgrades);
        await listen(unix, { path: options.socketPath });
        servers.push(unix);
      } catch (error) {
        tcp.close();
        throw error;
      }
    }
    return new HttpServer(port, servers, upgrades);
  }

  get connectionCount(): number {
    return this.#upgrades.clients.size;
  }

  /** Stops listening, tells those who are connected, and cuts who does not go. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#upgrades.clients)
      client.close(closeCodes.goingAway, 'the executor is stopping');
    const cut = setTimeout(() => {
      for (const client of this.#upgrades.clients) client.terminate();
    }, CLOSE_TIMEOUT_MS);
    await Promise.all(
      this.#servers.map((server) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        server.close(() => resolve());
        server.closeAllConnections();
        return promise;
      }),
    );
    clearTimeout(cut);
    this.#upgrades.close();
  }
}

function createHttpServer(
  options: HttpServerOptions,
  hosts: ReadonlySet<string>,
  upgrades: WebSocketServer,
): Server {
  const paths = {
    sockets: new Set(Object.keys(options.sockets)),
    pages: new Set(Object.keys(options.pages)),
  };
  const server = createServer({
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const rules: HandshakeRules = { hosts, paths: paths.pages, token: undefined };
    const refusal = judgeHandshake(request, rules);
    const page = options.pages[request.url ?? ''];
    const answer =
      refusal === undefined && page !== undefined
        ? page()
        : { status: refusal?.status ?? 404, body: { error: refusal?.message } };
    response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const rules: HandshakeRules = { hosts, paths: paths.sockets, token: options.token };
    const refusal = judgeHandshake(request, rules);
    if (refusal !== undefined) {
      refuse(socket, refusal.status, refusal);
      return;
    }
    if (upgrades.clients.size >= MAX_CONNECTIONS) {
      refuse(socket, 503, { message: `there are ${MAX_CONNECTIONS} connections, which is the maximum` });
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) =>
      options.sockets[request.url ?? '']?.(webSocket),
    );
  });
  return server;
}

function refuse(socket: Duplex, status: Refusal['status'] | 503, { message }: { message: string }): void {
  const body = `${JSON.stringify({ error: message })}\n`;
  // A client that never hangs up would keep the server from closing.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function listen(
  server: Server,
  where: { host: string; port: number } | { path: string },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(where, () => resolve());
  await promise;
  server.off('error', reject);
}

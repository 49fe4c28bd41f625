import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Anything that came over the wire, read as JSON and not checked any further. */
export interface WireMessage {
  readonly id?: number | string | null;
  readonly method?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at messages as they come
  readonly params?: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at messages as they come
  readonly result?: any;
  readonly error?: { code: number; message: string; data: { code: string } & Record<string, unknown> };
}

/**
 * A bare WebSocket that speaks JSON, without any of our packages, so that the wire itself is seen.
 */
export class WireClient implements AsyncDisposable {
  readonly socket: WebSocket;
  /** Everything received, in order. */
  readonly messages: WireMessage[] = [];
  readonly #waiters = new Set<() => void>();
  #nextId = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString('utf8')) as WireMessage);
      for (const wake of this.#waiters) wake();
    });
    socket.on('error', () => undefined);
  }

  sendRaw(text: string | Buffer): void {
    this.socket.send(text);
  }

  /** Sends a request and waits for its reply. */
  async request(method: string, params?: unknown): Promise<WireMessage> {
    this.#nextId += 1;
    const id = this.#nextId;
    this.sendRaw(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.until((message) => message.id === id);
  }

  /** The result of a request; an error reply is thrown. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at messages as they come
  async call(method: string, params?: unknown): Promise<any> {
    const reply = await this.request(method, params);
    if (reply.error !== undefined)
      throw new Error(`${method}: ${reply.error.data.code}: ${reply.error.message}`);
    return reply.result;
  }

  /** The name of the error that a request is answered with. */
  async errorOf(method: string, params?: unknown): Promise<string | undefined> {
    return (await this.request(method, params)).error?.data.code;
  }

  /** The first message, received or to come, that matches. */
  async until(matches: (message: WireMessage) => boolean): Promise<WireMessage> {
    for (let seen = 0; ;) {
      for (; seen < this.messages.length; seen += 1) {
        const message = this.messages[seen];
        if (message !== undefined && matches(message)) return message;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.add(resolve);
      await promise;
      this.#waiters.delete(resolve);
    }
  }

  /** The first notification of this method, of one job when it is given. */
  notification(method: string, jobId?: string): Promise<WireMessage> {
    return this.until(
      (message) => message.method === method && (jobId === undefined || message.params.jobId === jobId),
    );
  }

  /** Notifications of one job so far. */
  entries(jobId: string): WireMessage[] {
    return this.messages.filter((message) => message.method !== undefined && message.params.jobId === jobId);
  }

  /** What a job has printed so far, as it came. */
  output(jobId: string): string {
    return this.entries(jobId)
      .filter((message) => message.method === 'job/output')
      .map((message) => String(message.params.data))
      .join('');
  }

  /** Resolves with the code that the connection is closed with. */
  async closed(): Promise<number> {
    if (this.socket.readyState === WebSocket.CLOSED) return -1;
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }
}

/** Opens a bare connection. */
export async function openWire(url: string, token: string | undefined): Promise<WireClient> {
  const socket = new WebSocket(
    url,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
  const client = new WireClient(socket);
  const opened = Promise.withResolvers<void>();
  socket.once('open', () => opened.resolve());
  socket.once('error', (error) => opened.reject(error));
  await opened.promise;
  return client;
}

/** Opens a connection and says `initialize`. */
export async function connectWire(url: string, token: string | undefined): Promise<WireClient> {
  const client = await openWire(url, token);
  await client.call('initialize', { protocolVersion: 1, client: { name: 'test', version: '0' } });
  return client;
}

/** The HTTP status with which a WebSocket request is answered: 101 when it is taken. */
export async function upgradeStatus(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers });
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.once('open', () => resolve(101));
  socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  socket.on('error', () => undefined);
  try {
    return await promise;
  } finally {
    socket.terminate();
  }
}

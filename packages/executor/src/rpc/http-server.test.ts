import { once } from 'node:events';
import { access, mkdtempDisposable } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { HttpServer, MAX_FRAME_BYTES, type HttpServerOptions } from './http-server.ts';

afterEach(() => vi.useRealTimers());

const temporary = () => mkdtempDisposable(join(tmpdir(), 'http-'));
const listen = (options: Partial<HttpServerOptions> = {}) =>
  HttpServer.listen({
    host: '127.0.0.1',
    port: 0,
    socketPath: undefined,
    allowedHosts: [],
    token: undefined,
    sockets: { '/ws': (socket) => socket.on('message', (data) => socket.send(data, { binary: false })) },
    pages: {},
    ...options,
  });

/** A client that is connected, and what closes it. */
async function open(address: string): Promise<{ client: WebSocket; closed: Promise<number> }> {
  const client = new WebSocket(address);
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  client.once('close', resolve);
  await once(client, 'open');
  client.on('error', () => undefined);
  return { client, closed };
}

async function echo(client: WebSocket, text: string): Promise<string> {
  const answer = once(client, 'message') as Promise<[Buffer]>;
  client.send(text);
  return (await answer)[0].toString();
}

test('each path has its own sockets', async () => {
  await using server = await listen({
    sockets: { '/a': (socket) => socket.send('at a'), '/b': (socket) => socket.send('at b') },
  });
  const greetings = await Promise.all(
    ['/a', '/b'].map(async (path) => {
      const client = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
      const [greeting] = (await once(client, 'message')) as [Buffer];
      client.terminate();
      return greeting.toString();
    }),
  );
  expect(greetings).toEqual(['at a', 'at b']);
});

test('the same is served on TCP and on the Unix socket', async () => {
  await using directory = await temporary();
  const socketPath = join(directory.path, 's');
  await using server = await listen({ socketPath });
  const tcp = await open(`ws://127.0.0.1:${server.port}/ws`);
  const unix = await open(`ws+unix://${socketPath}:/ws`);
  expect(await Promise.all([echo(tcp.client, 'a'), echo(unix.client, 'b')])).toEqual(['a', 'b']);
  expect(server.connectionCount).toBe(2);
  tcp.client.close();
  await tcp.closed;
  await expect.poll(() => server.connectionCount, { timeout: 20_000 }).toBe(1);
});

test('when it stops, every client is told and both doors are shut', async () => {
  await using directory = await temporary();
  const socketPath = join(directory.path, 's');
  const server = await listen({ socketPath });
  const clients = [await open(`ws://127.0.0.1:${server.port}/ws`), await open(`ws+unix://${socketPath}:/ws`)];
  await server[Symbol.asyncDispose]();
  expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([1001, 1001]);
  await expect(open(`ws://127.0.0.1:${server.port}/ws`)).rejects.toHaveProperty('code', 'ECONNREFUSED');
  await expect(access(socketPath)).rejects.toHaveProperty('code', 'ENOENT');
});

test('a client that does not go when it is told is cut off', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = await listen();
  const { client, closed } = await open(`ws://127.0.0.1:${server.port}/ws`);
  // It reads no more, so it never learns that it should go.
  client.pause();
  const stopped = server[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(60_000);
  await expect(stopped).resolves.toBeUndefined();
  client.resume();
  await closed;
});

test.each([
  ['has been refused', 'GET /none HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['has got its page', 'GET /none HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['is still speaking', 'GET /none HTTP/1.1\r\nHost'],
  ['says nothing', ''],
])('a client that %s and never hangs up does not keep it from stopping', async (_what, request) => {
  const server = await listen();
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(request);
  if (request.endsWith('\r\n\r\n')) await once(socket, 'data');
  await expect(server[Symbol.asyncDispose]()).resolves.toBeUndefined();
  socket.destroy();
});

test('a port that is taken is an error', async () => {
  await using other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(listen({ port })).rejects.toHaveProperty('code', 'EADDRINUSE');
});

test('when the Unix socket is taken, the port is not kept either', async () => {
  await using directory = await temporary();
  const socketPath = join(directory.path, 's');
  await using first = await listen({ socketPath });
  await using probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await probe[Symbol.asyncDispose]();
  await expect(listen({ socketPath, port })).rejects.toThrow('another program listens');
  await using second = await listen({ port });
  expect([first.port === port, second.port]).toEqual([false, port]);
});

test('a frame of the largest size is taken, a larger one closes the connection', async () => {
  await using server = await listen({
    sockets: {
      '/ws': (socket) => {
        socket.on('message', (data: Buffer) => socket.send(String(data.length)));
        socket.on('error', () => undefined);
      },
    },
  });
  const { client, closed } = await open(`ws://127.0.0.1:${server.port}/ws`);
  expect(await echo(client, 'x'.repeat(MAX_FRAME_BYTES))).toBe(String(MAX_FRAME_BYTES));
  client.send('x'.repeat(MAX_FRAME_BYTES + 1));
  expect(await closed).toBe(1009);
});

test('so many connections are taken, and one more when one has gone', async () => {
  await using server = await listen();
  const address = `ws://127.0.0.1:${server.port}/ws`;
  const clients = await Promise.all(Array.from({ length: 256 }, () => open(address)));
  await expect(open(address)).rejects.toThrow('503');
  clients[0]?.client.terminate();
  await expect.poll(() => server.connectionCount, { timeout: 20_000 }).toBe(255);
  const { client } = await open(address);
  expect(await echo(client, 'in')).toBe('in');
});

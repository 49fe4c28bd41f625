import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';
import { Connection } from './connection.ts';

afterEach(() => vi.useRealTimers());

/** A connection, the client at its other end, and what came over it. */
async function connectPair(options: ClientOptions = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, options);
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  client.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  client.on('error', () => undefined);
  const [[socket]] = await Promise.all([accepted, once(client, 'open')]);
  const texts: string[] = [];
  const connection = new Connection(socket, (text) => texts.push(text));
  return {
    connection,
    socket,
    client,
    texts,
    closed,
    received: async () => String(((await once(client, 'message')) as [Buffer])[0]),
    [Symbol.asyncDispose]: async () => {
      for (const one of server.clients) one.terminate();
      client.terminate();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      await promise;
    },
  };
}

const idle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Sends more than the kernel takes to a client that does not read. */
function flood(connection: Connection): void {
  for (let count = 0; count < 30; count += 1) connection.send('x'.repeat(1024 * 1024));
}

/** Tells whether a promise has been fulfilled by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let isFulfilled = false;
  void promise.then(() => (isFulfilled = true));
  await idle();
  return isFulfilled;
}

const never = new AbortController().signal;

test('text goes both ways', async () => {
  await using pair = await connectPair();
  pair.client.send('grüße');
  pair.client.send('zwei');
  await expect.poll(() => pair.texts, { timeout: 20_000 }).toEqual(['grüße', 'zwei']);
  const received = pair.received();
  pair.connection.send('zurück');
  expect(await received).toBe('zurück');
});

test('each connection has an id of its own', async () => {
  await using one = await connectPair();
  await using two = await connectPair();
  expect(one.connection.id).not.toBe(two.connection.id);
});

test('a binary frame closes the connection and is not read', async () => {
  await using pair = await connectPair();
  pair.client.send(Buffer.from('{}'));
  expect(await pair.closed).toEqual({ code: 1008, reason: 'binary frames are not part of the protocol' });
  expect(pair.texts).toEqual([]);
});

test.each<[who: string, act: (pair: Awaited<ReturnType<typeof connectPair>>) => void]>([
  ['the client closes it', ({ client }) => client.close()],
  ['the client vanishes', ({ client }) => client.terminate()],
  ['we close it', ({ connection }) => connection.close('goingAway', 'bye')],
  ['we cut it', ({ connection }) => connection.terminate()],
])('its signal aborts when %s', async (_who, act) => {
  await using pair = await connectPair();
  expect(pair.connection.closed.aborted).toBe(false);
  const aborted = once(pair.connection.closed, 'abort');
  act(pair);
  await aborted;
  expect(pair.connection.closed.aborted).toBe(true);
});

test('a close has the number and the reason that stand for it', async () => {
  await using pair = await connectPair();
  pair.connection.close('initializeTimeout', 'no initialize came in time');
  expect(await pair.closed).toEqual({ code: 4408, reason: 'no initialize came in time' });
});

test('sending after the close does nothing', async () => {
  await using pair = await connectPair();
  pair.connection.close('goingAway', 'bye');
  pair.connection.send('late');
  await pair.closed;
  expect(() => pair.connection.send('later')).not.toThrow();
  await expect(pair.connection.writable(never)).resolves.toBeUndefined();
});

test('while little is on its way more may be sent at once', async () => {
  await using pair = await connectPair();
  pair.client.pause();
  pair.connection.send('x'.repeat(1000));
  expect(await isDone(pair.connection.writable(never))).toBe(true);
});

test('a client that does not read makes its senders wait until it has read', async () => {
  await using pair = await connectPair();
  pair.client.pause();
  flood(pair.connection);
  const waits = [pair.connection.writable(never), pair.connection.writable(never)];
  expect(await isDone(Promise.race(waits))).toBe(false);
  pair.client.resume();
  await expect(Promise.all(waits)).resolves.toEqual([undefined, undefined]);
});

test('nobody waits for a connection that is gone', async () => {
  await using pair = await connectPair();
  pair.client.pause();
  flood(pair.connection);
  const waiting = pair.connection.writable(never);
  expect(await isDone(waiting)).toBe(false);
  pair.connection.terminate();
  await expect(waiting).resolves.toBeUndefined();
});

test('who gives up waits no more, the others do', async () => {
  await using pair = await connectPair();
  pair.client.pause();
  flood(pair.connection);
  const abort = new AbortController();
  const [mine, other] = [pair.connection.writable(abort.signal), pair.connection.writable(never)];
  abort.abort();
  await expect(mine).resolves.toBeUndefined();
  expect(await isDone(other)).toBe(false);
  await expect(pair.connection.writable(abort.signal)).resolves.toBeUndefined();
});

test('a peer that answers pings is kept', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using pair = await connectPair();
  for (let round = 0; round < 6; round += 1) {
    const pong = once(pair.socket, 'pong');
    vi.advanceTimersByTime(15_000);
    await pong;
  }
  expect(pair.connection.closed.aborted).toBe(false);
});

test('a peer that leaves two pings without an answer is cut off', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using pair = await connectPair({ autoPong: false });
  vi.advanceTimersByTime(30_000);
  await idle();
  expect(pair.connection.closed.aborted).toBe(false);
  vi.advanceTimersByTime(15_000);
  await pair.closed;
  await expect.poll(() => pair.connection.closed.aborted, { timeout: 20_000 }).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a client that takes no replies is not read from until it does', async () => {
  await using pair = await connectPair();
  pair.client.pause();
  flood(pair.connection);
  pair.client.send('one more request');
  await idle();
  expect(pair.texts).toEqual([]);
  pair.client.resume();
  await expect.poll(() => pair.texts).toEqual(['one more request']);
});

test.each<[who: string, cut: (pair: Awaited<ReturnType<typeof connectPair>>) => void]>([
  ['us', ({ connection }) => connection.terminate()],
  ['the client', ({ client }) => client.terminate()],
])('a connection that is not read from is noticed to be cut by %s', async (_who, cut) => {
  await using pair = await connectPair();
  pair.client.pause();
  flood(pair.connection);
  await idle();
  cut(pair);
  await expect.poll(() => pair.connection.closed.aborted).toBe(true);
});

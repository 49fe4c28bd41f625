import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { connect, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpServer } from './http-server.ts';

const token = 'right-token';
const upgradeHeaders = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const good = `Authorization: Bearer ${token}`;

const resources = new AsyncDisposableStack();
let port = 0;
let socketPath = '';

beforeAll(async () => {
  const directory = resources.use(await mkdtempDisposable(join(tmpdir(), 'handshake-')));
  socketPath = join(directory.path, 's');
  const server = resources.use(
    await HttpServer.listen({
      host: '127.0.0.1',
      port: 0,
      socketPath,
      allowedHosts: ['Executor.Example'],
      token,
      sockets: { '/ws': (socket) => socket.close(1000, 'welcome') },
      pages: { '/healthz': () => ({ status: 200, body: { status: 'ok' } }) },
    }),
  );
  port = server.port;
});
afterAll(() => resources.disposeAsync());

/** Sends a request as it is written and returns the status and the body of the answer. */
async function send(lines: string[], where: NetConnectOpts = { port, host: '127.0.0.1' }) {
  const socket = connect(where);
  await once(socket, 'connect');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    answer += String(chunk);
    // A WebSocket stays open.
    if (answer.startsWith('HTTP/1.1 101')) break;
  }
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]),
    body: answer.slice(answer.indexOf('\r\n\r\n') + 4).trim(),
  };
}

const upgrade = (path: string, ...headers: string[]): string[] => [
  `GET ${path} HTTP/1.1`,
  ...upgradeHeaders,
  ...headers,
];
const host = (): string => `Host: 127.0.0.1:${port}`;
const origin = 'Origin: http://localhost:3000';

test('who shows the right token at the right path is let in', async () => {
  expect((await send(upgrade('/ws', host(), good))).status).toBe(101);
});

test.each([`localhost`, '[::1]', 'LOCALHOST'])(
  'the loopback name %s with the port is this executor',
  async (name) => {
    expect((await send(upgrade('/ws', `Host: ${name}:${port}`, good))).status).toBe(101);
  },
);

test('a host that the owner has allowed is this executor, in any case', async () => {
  expect((await send(upgrade('/ws', 'Host: eXecutor.example', good))).status).toBe(101);
});

test.each<[what: string, status: number, headers: () => string[], message: string]>([
  ['two Host headers', 400, () => [host(), host(), good], 'more than one host header'],
  ['two Origin headers', 400, () => [host(), origin, origin, good], 'more than one origin header'],
  ['two tokens', 400, () => [host(), good, good], 'more than one authorization header'],
  ['a right and a wrong token', 400, () => [host(), good, 'authorization: Bearer x'], 'more than one'],
  ['a body', 400, () => [host(), good, 'Content-Length: 4'], 'a body is not expected'],
  ['a chunked body', 400, () => [host(), good, 'Transfer-Encoding: chunked'], 'a body is not expected'],
  ['no Host', 421, () => [good], 'Host'],
  ['an empty Host', 421, () => ['Host:', good], 'Host'],
  ['a Host without the port', 421, () => ['Host: 127.0.0.1', good], 'Host'],
  ['a Host with another port', 421, () => ['Host: 127.0.0.1:1', good], 'Host'],
  ['a Host that a page rebinds', 421, () => [`Host: evil.example:${port}`, good], 'Host'],
  ['a Host that begins right', 421, () => [`Host: localhost:${port}.evil.example`, good], 'Host'],
  ['an allowed Host with a port', 421, () => ['Host: executor.example:80', good], 'Host'],
  ['an Origin', 403, () => [host(), origin, good], 'Origin'],
  ['an Origin of our own', 403, () => [host(), `Origin: http://127.0.0.1:${port}`, good], 'Origin'],
  ['the Origin null', 403, () => [host(), 'Origin: null', good], 'Origin'],
  ['an empty Origin', 403, () => [host(), 'Origin:', good], 'Origin'],
  ['no token', 401, () => [host()], 'Bearer'],
  ['a wrong token', 401, () => [host(), 'Authorization: Bearer wrong'], 'Bearer'],
  [
    'the beginning of the token',
    401,
    () => [host(), `Authorization: Bearer ${token.slice(0, -1)}`],
    'Bearer',
  ],
  ['more than the token', 401, () => [host(), `${good} more`], 'Bearer'],
  ['the token by another scheme', 401, () => [host(), `Authorization: Basic ${token}`], 'Bearer'],
  ['the bare token', 401, () => [host(), `Authorization: ${token}`], 'Bearer'],
  ['an empty token', 401, () => [host(), 'Authorization: Bearer '], 'Bearer'],
  ['the token as a subprotocol', 401, () => [host(), `Sec-WebSocket-Protocol: ${token}`], 'Bearer'],
])('%s is answered with %i', async (_what, status, headers, message) => {
  const answer = await send(upgrade('/ws', ...headers()));
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({ error: expect.stringContaining(message) });
  expect(answer.body).not.toContain(token);
});

test.each(['/', '/ws/', '/ws?x=1', '/WS', '/ws/mcp', '/healthz', '//ws', `/ws?token=${token}`])(
  'there is no socket at %s',
  async (path) => {
    expect((await send(upgrade(path, host(), good))).status).toBe(404);
  },
);

test('of several faults the first in order is told', async () => {
  const faults = ['Host: evil', origin, 'Authorization: Bearer wrong'];
  const statuses = await Promise.all([
    send(upgrade('/none', ...faults, 'Content-Length: 1')),
    send(upgrade('/none', ...faults)),
    send(upgrade('/none', host(), ...faults.slice(1))),
    send(upgrade('/none', host(), ...faults.slice(2))),
    send(upgrade('/ws', host(), ...faults.slice(2))),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([400, 421, 403, 404, 401]);
});

test.each<[what: string, status: number, path: string, headers: string[]]>([
  ['localhost and the token', 101, '/ws', ['Host: localhost', good]],
  ['an allowed host and the token', 101, '/ws', ['Host: executor.example', good]],
  ['a host with a port', 421, '/ws', ['Host: localhost:80', good]],
  ['an Origin', 403, '/ws', ['Host: localhost', origin, good]],
  ['another path', 404, '/none', ['Host: localhost', good]],
  ['a wrong token', 401, '/ws', ['Host: localhost', 'Authorization: Bearer wrong']],
])('on the Unix socket %s is answered with %i', async (_what, status, path, headers) => {
  expect((await send(upgrade(path, ...headers), { path: socketPath })).status).toBe(status);
});

const get = (path: string, ...headers: string[]): string[] => [
  `GET ${path} HTTP/1.1`,
  'Connection: close',
  ...headers,
];

test('a page needs no token, and keeps the other rules', async () => {
  expect(await send(get('/healthz', host()))).toEqual({
    status: 200,
    body: expect.stringContaining('{"status":"ok"}'),
  });
  const refused = await Promise.all([
    send(get('/healthz', host(), 'Content-Length: 0')),
    send(get('/healthz', 'Host: evil.example')),
    send(get('/healthz', host(), origin)),
    send(get('/healthz?x', host())),
    send(get('/ws', host(), good)),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([400, 421, 403, 404, 404]);
});

test('where no token is set none is asked for, and pages of the web stay out', async () => {
  await using open = await HttpServer.listen({
    host: '127.0.0.1',
    port: 0,
    socketPath: undefined,
    allowedHosts: [],
    token: undefined,
    sockets: { '/ws': (socket) => socket.close() },
    pages: {},
  });
  const where = { port: open.port, host: '127.0.0.1' };
  const own = `Host: 127.0.0.1:${open.port}`;
  expect((await send(upgrade('/ws', own), where)).status).toBe(101);
  expect((await send(upgrade('/ws', own, origin), where)).status).toBe(403);
});

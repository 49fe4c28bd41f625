import { RpcError, type MethodName } from '@cc-executor/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readRequest, Router, type Handler, type Handlers, type RoutedSession } from './router.ts';

type AnyHandler = (params: never, context: Parameters<Handler<MethodName, RoutedSession>>[1]) => unknown;

/** A router with these handlers, what it has sent and what it has logged. */
function createRouter(handlers: Partial<Record<MethodName, AnyHandler>>, isInitialized = true) {
  const sent: unknown[] = [];
  const logged: string[] = [];
  const closing = new AbortController();
  const session: RoutedSession = { isInitialized };
  const router = new Router({
    handlers: handlers as unknown as Handlers<RoutedSession>,
    session,
    signal: closing.signal,
    send: (text) => sent.push(JSON.parse(text)),
    logger: pino({ level: 'error' }, { write: (line) => logged.push(line) }),
  });
  return {
    sent,
    logged,
    session,
    closing,
    handle: (request: object | string) =>
      router.handle(typeof request === 'string' ? request : JSON.stringify({ jsonrpc: '2.0', ...request })),
  };
}

const error = (id: unknown, code: string, number: number, more: object = {}) => ({
  jsonrpc: '2.0',
  id,
  error: { code: number, message: expect.any(String), data: expect.objectContaining({ code, ...more }) },
});
const getJob = { id: 1, method: 'job/get', params: { jobId: 'a' } };

test('a request is answered with what its handler returns, under its id', async () => {
  const { handle, sent } = createRouter({ 'job/get': ({ jobId }: { jobId: string }) => ({ got: jobId }) });
  await handle(getJob);
  await handle({ ...getJob, id: 'two' });
  expect(sent).toEqual([
    { jsonrpc: '2.0', id: 1, result: { got: 'a' } },
    { jsonrpc: '2.0', id: 'two', result: { got: 'a' } },
  ]);
});

test('a handler gets its parameters with the defaults filled in, and the session', async () => {
  const calls: unknown[] = [];
  const { handle, session, closing } = createRouter({
    'job/cancel': (params, context) => calls.push(params, context.session, context.signal),
  });
  await handle({ id: 1, method: 'job/cancel', params: { jobId: 'a' } });
  expect(calls).toEqual([{ jobId: 'a', graceMs: 5_000 }, session, closing.signal]);
});

test('a later request may be answered first', async () => {
  const slow = Promise.withResolvers<string>();
  const { handle, sent } = createRouter({ 'job/wait': () => slow.promise, 'job/get': () => 'fast' });
  const waiting = handle({ id: 1, method: 'job/wait', params: { jobIds: ['a'] } });
  await handle({ ...getJob, id: 2 });
  slow.resolve('slow');
  await waiting;
  expect(sent).toMatchObject([
    { id: 2, result: 'fast' },
    { id: 1, result: 'slow' },
  ]);
});

test.each(['', '{', 'hello', '{"jsonrpc":"2.0"'])('%j is not JSON', async (frame) => {
  const { handle, sent } = createRouter({});
  await handle(frame);
  expect(sent).toEqual([error(null, 'parseError', -32700)]);
});

test.each([
  '[]',
  '[{"jsonrpc":"2.0","id":1,"method":"job/list"}]',
  'null',
  '1',
  '{}',
  '{"id":1,"method":"job/list"}',
  '{"jsonrpc":"1.0","id":1,"method":"job/list"}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","id":null,"method":"job/list"}',
  '{"jsonrpc":"2.0","id":{},"method":"job/list"}',
  '{"jsonrpc":"2.0","id":1,"method":5}',
])('%s is not a request', async (frame) => {
  const { handle, sent } = createRouter({});
  await handle(frame);
  expect(sent).toEqual([error(null, 'invalidRequest', -32600)]);
});

test('before initialize every other method is refused', async () => {
  const { handle, sent, session } = createRouter(
    {
      initialize: (_, { session }) => {
        session.isInitialized = true;
        return 'welcome';
      },
      'job/get': () => 'got',
    },
    false,
  );
  await handle({ ...getJob, id: 1 });
  await handle({ id: 2, method: 'no/such', params: {} });
  const client = { name: 'test', version: '1' };
  await handle({ id: 3, method: 'initialize', params: { protocolVersion: 1, client } });
  await handle({ ...getJob, id: 4 });
  expect(sent).toEqual([
    error(1, 'notInitialized', -32002),
    error(2, 'notInitialized', -32002),
    { jsonrpc: '2.0', id: 3, result: 'welcome' },
    { jsonrpc: '2.0', id: 4, result: 'got' },
  ]);
  expect(session.isInitialized).toBe(true);
});

test.each(['job/nothing', 'JOB/GET', 'toString', '__proto__', 'constructor', ''])(
  'there is no method %j',
  async (method) => {
    const { handle, sent } = createRouter({});
    await handle({ id: 1, method });
    expect(sent).toEqual([error(1, 'methodNotFound', -32601, { method })]);
  },
);

test.each<[method: MethodName, params: unknown, path: string]>([
  ['job/get', undefined, 'jobId'],
  ['job/get', null, 'jobId'],
  ['job/get', { jobId: 'no spaces' }, 'jobId'],
  ['job/get', [], ''],
  ['job/get', 'a', ''],
  ['job/get', { jobId: 'a', verbose: true }, ''],
  ['job/cancel', { jobId: 'a', graceMs: -1 }, 'graceMs'],
  ['job/wait', { jobIds: ['a', '?'] }, 'jobIds.1'],
  [
    'job/start',
    { kind: 'command', cwd: '/', argv: ['ls'], attach: { creditBytes: -1 } },
    'attach.creditBytes',
  ],
  ['job/start', { kind: 'command', cwd: '/', argv: ['ls'], command: 'ls' }, 'argv'],
])('%s with %j is refused with the place %j', async (method, params, path) => {
  const { handle, sent } = createRouter({ [method]: () => 'called' });
  await handle({ id: 1, method, params });
  const problems = expect.arrayContaining([{ path, message: expect.any(String) }]);
  expect(sent).toEqual([error(1, 'invalidParams', -32602, { problems })]);
});

test('a refusal names at most ten problems', async () => {
  const { handle, sent } = createRouter({});
  await handle({ id: 1, method: 'job/wait', params: { jobIds: Array.from({ length: 50 }, () => '?') } });
  expect((sent[0] as { error: { data: { problems: unknown[] } } }).error.data.problems).toHaveLength(10);
});

test('a notification is carried out and gets no reply, whatever comes of it', async () => {
  let calls = 0;
  const { handle, sent } = createRouter({
    'job/get': () => {
      calls += 1;
      throw new RpcError('unknownJob', 'There is no job a', { jobId: 'a' });
    },
  });
  await handle({ method: 'job/get', params: { jobId: 'a' } });
  await handle({ method: 'job/get', params: {} });
  await handle({ method: 'no/such' });
  expect([calls, sent]).toEqual([1, []]);
});

test('an error of the protocol is told as it is', async () => {
  const { handle, sent, logged } = createRouter({
    'job/get': () => Promise.reject(new RpcError('unknownJob', 'There is no job a', { jobId: 'a' })),
  });
  await handle(getJob);
  expect(sent).toEqual([
    {
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32020,
        message: 'There is no job a',
        data: { jobId: 'a', code: 'unknownJob', retry: 'never', mendedBy: 'caller' },
      },
    },
  ]);
  expect(logged).toEqual([]);
});

test.each([
  ['throws', () => JSON.parse('secret: /etc/x')],
  ['rejects', () => Promise.reject(new Error('secret: /etc/x'))],
])('what went wrong when a handler %s is logged, not told', async (_what, handler: () => unknown) => {
  const { handle, sent, logged } = createRouter({ 'job/get': handler });
  await handle(getJob);
  expect(sent).toEqual([error(1, 'internalError', -32603)]);
  expect(JSON.stringify(sent)).not.toContain('secret');
  expect(logged.map((line) => (JSON.parse(line) as { method: string }).method)).toEqual(['job/get']);
});

test('what goes wrong inside a notification is logged too', async () => {
  const { handle, logged } = createRouter({ 'job/get': () => Promise.reject(new Error('broken')) });
  await handle({ method: 'job/get', params: { jobId: 'a' } });
  expect(logged).toHaveLength(1);
});

test('what a handler does after the reply comes after it, in order', async () => {
  const { handle, sent } = createRouter({
    'job/get': async (_, { afterReply }) => {
      afterReply(() => sent.push('first'));
      await Promise.resolve();
      afterReply(() => sent.push('second'));
      return 'reply';
    },
  });
  await handle(getJob);
  expect(sent).toEqual([{ jsonrpc: '2.0', id: 1, result: 'reply' }, 'first', 'second']);
});

test('what was meant for after the reply does not happen when the handler fails', async () => {
  const { handle, sent } = createRouter({
    'job/get': (_, { afterReply }) => {
      afterReply(() => sent.push('after'));
      throw new RpcError('unknownJob', 'gone', { jobId: 'a' });
    },
  });
  await handle(getJob);
  expect(sent).toEqual([error(1, 'unknownJob', -32020)]);
});

test('when something fails after the reply, there is no second one', async () => {
  const { handle, sent, logged } = createRouter({
    'job/get': (_, { afterReply }) => {
      afterReply(() => {
        throw new Error('too late');
      });
      afterReply(() => sent.push('next'));
      return 'reply';
    },
  });
  await handle(getJob);
  expect(sent).toEqual([{ jsonrpc: '2.0', id: 1, result: 'reply' }, 'next']);
  expect(logged).toHaveLength(1);
});

test('with 256 requests under way one more is refused, until one has ended', async () => {
  const ends: (() => void)[] = [];
  const { handle, sent } = createRouter({ 'job/get': () => new Promise<void>((end) => ends.push(end)) });
  const waiting = Array.from({ length: 256 }, (_, id) => handle({ ...getJob, id }));
  await handle({ ...getJob, id: 'refused' });
  expect(sent).toEqual([error('refused', 'overloaded', -32001, { limit: 256, retry: 'later' })]);
  ends[0]?.();
  await waiting[0];
  void handle({ ...getJob, id: 'taken' });
  expect(ends).toHaveLength(257);
});

test('a frame is read as a request, with what we do not know of left aside', () => {
  const request = { jsonrpc: '2.0', id: 7, method: 'job/get', params: [1], more: 'x' };
  expect(readRequest(JSON.stringify(request))).toEqual({
    jsonrpc: '2.0',
    id: 7,
    method: 'job/get',
    params: [1],
  });
  expect(readRequest('{')).toMatchObject({ code: 'parseError' });
});

test('grants of credit are never refused for their number, with however many requests under way', async () => {
  const end = Promise.withResolvers<void>();
  let grants = 0;
  const { handle, sent } = createRouter({ 'job/get': () => end.promise, 'job/credit': () => (grants += 1) });
  const waiting = Array.from({ length: 256 }, (_, id) => handle({ ...getJob, id }));
  const granting = Array.from({ length: 1_000 }, () =>
    handle({ method: 'job/credit', params: { jobId: 'a', bytes: 1 } }),
  );
  await Promise.all(granting);
  expect([grants, sent]).toEqual([1_000, []]);
  end.resolve();
  await Promise.all(waiting);
  expect(sent).toHaveLength(256);
});

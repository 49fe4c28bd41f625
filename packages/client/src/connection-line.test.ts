import { RpcError, type MethodInput } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import type { ExecutorClient } from './executor-client.ts';
import { startFakeExecutor, type FakeHandler } from './fake-executor.ts';
import { FakeLog } from './fake-log.ts';

const state = { status: 'running', paused: false } as const;
const ended = { status: 'ended', outcome: { status: 'succeeded' } } as const;

const command: MethodInput<'job/start'> = { kind: 'command', cwd: '/', argv: ['true'] };
type Request = readonly [method: string, ask: (client: ExecutorClient) => Promise<object>];

/** Cuts the first connection instead of answering this method over it. */
function cutting(method: string, answer: FakeHandler): FakeHandler {
  let isCut = false;
  return (request, connection) => {
    if (isCut || request.method !== method) return answer(request, connection);
    isCut = true;
    connection.socket.terminate();
    return {};
  };
}

test('what does no harm twice is asked again, with the same ids', async () => {
  const answer: FakeHandler = ({ params }) => ({ jobId: params['jobId'], state, acceptedBytes: 1 });
  const start: MethodInput<'job/start'> = { ...command, jobId: 'j', attach: false };
  const requests: Request[] = [
    ['job/write', (client) => client.call('job/write', { jobId: 'j', writeId: 'w1', data: 'x' })],
    ['job/start', (client) => client.call('job/start', start)],
  ];
  for (const [method, ask] of requests) {
    await using executor = await startFakeExecutor(cutting(method, answer));
    await using client = await executor.connect();
    expect(await ask(client)).toMatchObject({ jobId: 'j' });
    const [first, second] = executor.connections.map((connection) => connection.requests);
    expect(second?.map(({ params }) => params)).toEqual(first?.map(({ params }) => params));
    expect(second).toHaveLength(1);
  }
});

test('what could do harm twice fails, and the client comes back all the same', async () => {
  const requests: Request[] = [
    ['job/interrupt', (client) => client.control('j', 'interrupt')],
    ['executor/stop', (client) => client.call('executor/stop', {})],
    ['job/start', (client) => client.call('job/start', command)],
  ];
  for (const [method, ask] of requests) {
    await using executor = await startFakeExecutor(cutting(method, ({ params }) => params));
    await using client = await executor.connect();
    await expect(ask(client)).rejects.toMatchObject({ code: 'connectionLost' });
    expect(await client.call('job/closeStdin', { jobId: 'j' })).toEqual({ jobId: 'j' });
    expect(executor.connections.map(({ requests }) => requests.length)).toEqual([1, 1]);
  }
});

test('what was not sent yet waits for the connection, whatever it is', async () => {
  await using executor = await startFakeExecutor(({ params }) => ({
    ...params,
    before: state,
    after: state,
  }));
  const changes: boolean[] = [];
  const isLost = Promise.withResolvers<void>();
  const onChange = (isConnected: boolean): void => {
    changes.push(isConnected);
    isLost.resolve();
  };
  await using client = await executor.connect({ reconnect: { onChange } });
  executor.connections[0]?.socket.terminate();
  await isLost.promise;
  expect(client.isConnected).toBe(false);
  const asked = ['a', 'b'].map((jobId) => client.control(jobId, 'interrupt'));
  expect(await Promise.all(asked)).toMatchObject([{ jobId: 'a' }, { jobId: 'b' }]);
  expect({ changes, isConnected: client.isConnected }).toEqual({ changes: [false, true], isConnected: true });
  expect(executor.connections).toHaveLength(2);
});

test('waiting goes on after a loss', async () => {
  await using executor = await startFakeExecutor(cutting('job/wait', () => ({ jobs: [], done: true })));
  await using client = await executor.connect();
  expect(await client.wait(['j'])).toEqual({ jobs: [], done: true });
});

test.each([
  ['goingAway', 1001],
  ['policyViolation', 1008],
  ['internalError', 1011],
])('%s ends it at once', async (_name, closeCode) => {
  const log = new FakeLog();
  await using executor = await startFakeExecutor(log.handle);
  await using client = await executor.connect();
  const next = client.follow('j1').next();
  await executor.connections[0]?.request('job/attach');
  executor.connections[0]?.socket.close(closeCode, 'enough');
  const lost = { code: 'connectionLost', data: { closeCode, reason: 'enough', lastSeq: 0 } };
  await expect(next).rejects.toMatchObject(lost);
  expect(await client.closed).toEqual({ code: closeCode, reason: 'enough' });
  expect(executor.connections).toHaveLength(1);
});

test('a new connection that is refused ends it with the refusal', async () => {
  const options: { status?: number } = {};
  const log = new FakeLog();
  await using executor = await startFakeExecutor(log.handle, options);
  await using client = await executor.connect();
  const next = client.follow('j1').next();
  await executor.connections[0]?.request('job/attach');
  options.status = 401;
  executor.connections[0]?.socket.terminate();
  await expect(next).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(client.call('executor/status', {})).rejects.toMatchObject({ code: 'unauthorized' });
});

test('it gives up when there is nobody for too long, and tells after which entry', async () => {
  const log = new FakeLog();
  const executor = await startFakeExecutor(log.handle);
  await using client = await executor.connect({ reconnect: { giveUpMs: 200 } });
  const entries = client.follow('j1');
  const first = entries.next();
  await executor.connections[0]?.request('job/attach');
  log.print(1);
  await first;
  await executor[Symbol.asyncDispose]();
  await expect(entries.next()).rejects.toMatchObject({
    code: 'connectionLost',
    data: { closeCode: 1006, lastSeq: 1 },
    cause: { cause: { code: 'connectFailed' } },
  });
});

test('connections that bring nothing do not keep it trying for ever', async () => {
  await using executor = await startFakeExecutor(({ params }, { socket }) => {
    socket.close(4409);
    return params;
  });
  await using client = await executor.connect({ reconnect: { giveUpMs: 300 } });
  await expect(client.call('job/closeStdin', { jobId: 'j' })).rejects.toMatchObject({
    code: 'connectionLost',
    data: { closeCode: 4409 },
  });
});

test('an abort is heard while it waits for a connection, and so is the end of the client', async () => {
  const log = new FakeLog();
  const executor = await startFakeExecutor(log.handle);
  const isLost = Promise.withResolvers<void>();
  const client = await executor.connect({ reconnect: { onChange: () => isLost.resolve() } });
  const stop = new AbortController();
  const followed = client.follow('j1', { signal: stop.signal }).next();
  await executor.connections[0]?.request('job/attach');
  await executor[Symbol.asyncDispose]();
  await isLost.promise;
  const asked = client.call('executor/status', {}, { signal: stop.signal });
  const waits = client.call('executor/status', {});
  stop.abort(new Error('enough'));
  await expect(followed).rejects.toThrow('enough');
  await expect(asked).rejects.toThrow('enough');
  await client[Symbol.asyncDispose]();
  await expect(waits).rejects.toMatchObject({ code: 'closed' });
  expect(await client.closed).toMatchObject({ code: 1006 });
});

test('a job that was started without following it is held again, and its hold makes way for a follower', async () => {
  const log = new FakeLog();
  let isEnded = false;
  await using executor = await startFakeExecutor((request, connection) => {
    if (request.method === 'job/get' && isEnded) return { ...log.view, state: ended };
    return log.handle(request, connection);
  });
  await using client = await executor.connect();
  await client.startJob({ ...command, jobId: 'j1', attach: false });
  executor.connections[0]?.socket.terminate();
  const second = await executor.connection(1);
  const hold = { jobId: 'j1', creditBytes: 0, include: [] };
  expect((await second.request('job/attach')).params).toEqual({ ...hold, afterSeq: 0 });
  log.print(1);
  for await (const entry of client.follow('j1')) {
    expect(entry).toMatchObject({ seq: 1 });
    break;
  }
  await second.request('job/attach');
  expect((await second.request('job/attach')).params).toEqual({ ...hold, afterSeq: 1 });
  isEnded = true;
  second.socket.terminate();
  const third = await executor.connection(2);
  await third.request('job/get');
  await client.call('job/closeStdin', { jobId: 'j1' });
  expect(third.requests.map(({ method }) => method)).toEqual(['job/get', 'job/closeStdin']);
});

test('a hold that the executor has ended is taken again', async () => {
  const log = new FakeLog();
  await using executor = await startFakeExecutor(log.handle);
  await using client = await executor.connect();
  await client.startJob({ ...command, jobId: 'j1', attach: false });
  executor.connections[0]?.socket.terminate();
  const second = await executor.connection(1);
  await second.request('job/attach');
  await client.call('job/get', { jobId: 'j1' });
  log.stall(second);
  expect((await second.request('job/attach')).params).toMatchObject({ creditBytes: 0, include: [] });
});

test('an executor that is full for a moment is asked again', async () => {
  const log = new FakeLog();
  let refusals = 2;
  await using executor = await startFakeExecutor((request, connection) => {
    if (executor.connections.length > 1 && request.method === 'job/attach' && refusals-- > 0) {
      throw new RpcError('overloaded', 'full', { what: 'requests', limit: 1, retryAfterMs: 1 });
    }
    return log.handle(request, connection);
  });
  await using client = await executor.connect();
  const next = client.follow('j1').next();
  await executor.connections[0]?.request('job/attach');
  executor.connections[0]?.socket.terminate();
  log.print(1);
  expect((await next).value).toMatchObject({ seq: 1 });
});

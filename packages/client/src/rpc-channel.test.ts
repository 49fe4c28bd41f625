import { RpcError } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { startFakeExecutor } from './fake-executor.ts';

test('replies find their calls, whatever their order', async () => {
  const first = Promise.withResolvers<object>();
  await using executor = await startFakeExecutor(({ params }) =>
    params['jobId'] === 'slow' ? first.promise : { jobId: 'fast' },
  );
  await using client = await executor.connect();
  const slow = client.call('job/closeStdin', { jobId: 'slow' });
  expect(await client.call('job/closeStdin', { jobId: 'fast' })).toEqual({ jobId: 'fast' });
  first.resolve({ jobId: 'slow' });
  expect(await slow).toEqual({ jobId: 'slow' });
});

test('an error reply is rebuilt with its code and data', async () => {
  const error = new RpcError('overloaded', 'full', { what: 'jobs', limit: 1, retryAfterMs: 5 });
  await using executor = await startFakeExecutor(() => {
    throw error;
  });
  await using client = await executor.connect();
  await expect(client.call('executor/status', {})).rejects.toMatchObject({
    name: 'RpcError',
    code: 'overloaded',
    message: 'full',
    data: { what: 'jobs', limit: 1, retryAfterMs: 5 },
  });
});

test('a reply that does not match the protocol is badReply', async () => {
  await using executor = await startFakeExecutor(() => ({ liveJobs: 'many' }));
  await using client = await executor.connect();
  await expect(client.call('executor/stop', {})).rejects.toMatchObject({
    code: 'badReply',
    data: { method: 'executor/stop' },
  });
});

test('a request larger than the executor takes is not sent', async () => {
  await using executor = await startFakeExecutor();
  await using client = await executor.connect();
  const write = client.call('job/write', { jobId: 'j', writeId: 'w', data: 'ä'.repeat(600_000) });
  await expect(write).rejects.toMatchObject({ code: 'frameTooLarge', data: { limitBytes: 1024 * 1024 } });
  expect(executor.connections[0]?.requests).toEqual([]);
});

test('aborting ends the wait, and the late reply harms nobody', async () => {
  const late = Promise.withResolvers<object>();
  await using executor = await startFakeExecutor(({ params }) =>
    params['jobId'] === 'slow' ? late.promise : params,
  );
  await using client = await executor.connect();
  const stop = new AbortController();
  const call = client.call('job/closeStdin', { jobId: 'slow' }, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
  late.resolve({ jobId: 'slow' });
  expect(await client.call('job/closeStdin', { jobId: 'next' })).toEqual({ jobId: 'next' });
});

test('a lost connection fails what is pending and what comes later', async () => {
  await using executor = await startFakeExecutor(() => new Promise(() => undefined));
  await using client = await executor.connect();
  const pending = client.call('executor/status', {});
  const connection = executor.connections[0];
  await connection?.request('executor/status');
  connection?.socket.close(1001, 'stopping');
  const lost = { code: 'connectionLost', data: { closeCode: 1001, reason: 'stopping' } };
  await expect(pending).rejects.toMatchObject(lost);
  await expect(client.call('executor/status', {})).rejects.toMatchObject(lost);
  expect(await client.closed).toEqual({ code: 1001, reason: 'stopping' });
});

test.each([
  ['text that is no JSON', 'nonsense'],
  ['a reply without an id', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}'],
])('%s ends the connection instead of leaving calls to hang', async (_name, frame) => {
  await using executor = await startFakeExecutor((_request, { socket }) => {
    socket.send(frame);
    return new Promise(() => undefined);
  });
  await using client = await executor.connect();
  await expect(client.call('executor/status', {})).rejects.toMatchObject({ code: 'connectionLost' });
});

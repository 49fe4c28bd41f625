import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import { connectClient } from './connect-client.ts';
import { fakeInfo, startFakeExecutor } from './fake-executor.ts';

const client = { name: 'test', version: '1' };

test('a client knows what the executor said about itself', async () => {
  await using executor = await startFakeExecutor();
  await using connected = await executor.connect();
  expect(connected.info).toEqual(fakeInfo);
});

test('the WebSocket of the platform serves as well', async () => {
  await using executor = await startFakeExecutor(() => ({ liveJobs: 3 }));
  const open = () => new globalThis.WebSocket(executor.url);
  await using connected = await connectClient({ open, client });
  expect(await connected.call('executor/stop', {})).toEqual({ liveJobs: 3 });
});

test('a port where nothing listens is connectFailed, with the system code', async () => {
  const executor = await startFakeExecutor();
  await executor[Symbol.asyncDispose]();
  await expect(executor.connect()).rejects.toMatchObject({
    code: 'connectFailed',
    data: { systemCode: 'ECONNREFUSED' },
  });
});

test('an address that is no URL is connectFailed', async () => {
  const connecting = connectClient({ open: () => new WebSocket('nonsense'), client });
  await expect(connecting).rejects.toMatchObject({ code: 'connectFailed' });
});

test('a refused token is told apart from other refusals', async () => {
  await using unauthorized = await startFakeExecutor(() => ({}), { status: 401 });
  await expect(unauthorized.connect()).rejects.toMatchObject({ code: 'unauthorized' });
  await using forbidden = await startFakeExecutor(() => ({}), { status: 403 });
  await expect(forbidden.connect()).rejects.toMatchObject({
    code: 'handshakeRefused',
    data: { httpStatus: 403 },
  });
});

test('an executor that does not answer is timedOut, and the socket is closed', async () => {
  await using executor = await startFakeExecutor();
  const open = () => {
    const socket = new WebSocket(executor.url);
    socket.send = () => undefined;
    return socket;
  };
  await expect(executor.connect({ open, timeoutMs: 50 })).rejects.toMatchObject({ code: 'timedOut' });
  await new Promise((resolve) => executor.connections[0]?.socket.once('close', resolve));
});

test('an aborted connect rejects with the reason', async () => {
  await using executor = await startFakeExecutor();
  const reason = new Error('enough');
  await expect(executor.connect({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('a disposed client closes its socket and refuses calls as closed', async () => {
  await using executor = await startFakeExecutor();
  const connected = await executor.connect();
  await connected[Symbol.asyncDispose]();
  expect(await connected.closed).toMatchObject({ code: 1000 });
  await expect(connected.call('executor/status', {})).rejects.toMatchObject({ code: 'closed' });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { fixture, isAlive, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor, type TestExecutor } from './test-executor.ts';
import { connectWire, openWire, type WireClient } from './wire-client.ts';

const classic = { token: undefined, policy: { shell: 'full' } } as const;

async function connectClassic(executor: TestExecutor): Promise<WireClient> {
  const client = await openWire(executor.url.replace(/\/ws$/, '/ws/mcp'), undefined);
  await client.notification('connected');
  return client;
}

function send(client: WireClient, method: string, params: unknown): void {
  client.sendRaw(JSON.stringify({ jsonrpc: '2.0', method, params }));
}

function status(client: WireClient, name: string) {
  return client.until(({ method, params }) => method === 'statusUpdate' && params.status === name);
}

function lines(client: WireClient): string[] {
  return client.messages.filter(({ method }) => method === 'output').map(({ params }) => params.content);
}

test('[X1] [X2] [X3] [X4] [X5] a classic client runs, pauses, resumes and cancels a loop', async () => {
  await using executor = await startTestExecutor(classic);
  await using client = await connectClassic(executor);
  send(client, 'execute', { command: 'for i in {1..10}; do echo "Step $i"; sleep 1; done' });
  const { params } = await status(client, 'RUNNING');
  await expect.poll(() => lines(client), { timeout: 10_000 }).toEqual(['Step 1', 'Step 2']);
  send(client, 'control', { type: 'PAUSE' });
  await status(client, 'PAUSED');
  const before = client.messages.length;
  await sleep(2_500);
  expect(client.messages).toHaveLength(before);
  send(client, 'control', { type: 'RESUME' });
  await expect.poll(() => lines(client).at(-1), { timeout: 10_000 }).toBe('Step 3');
  send(client, 'control', { type: 'CANCEL' });
  await status(client, 'CANCELLED');
  await untilDead(params.pid);
  await sleep(300);
  const terminal = client.messages.filter(({ params: p }) => ['CANCELLED', 'COMPLETED'].includes(p?.status));
  expect(terminal).toHaveLength(1);
  expect(client.messages[0]?.method).toBe('connected');
});

test('[X3] lines come whole, a partial one after a moment, streams apart', async () => {
  await using executor = await startTestExecutor(classic);
  await using client = await connectClassic(executor);
  send(client, 'execute', {
    command: 'printf "one\\ntwo\\r\\npart"; sleep 1; printf " of it\\n"; echo wrong >&2; exit 7',
  });
  expect((await status(client, 'COMPLETED')).params).toEqual({ status: 'COMPLETED', exit_code: 7 });
  const output = client.messages.filter(({ method }) => method === 'output').map(({ params }) => params);
  expect(output.filter(({ type }) => type === 'stdout').map(({ content }) => content)).toEqual([
    'one',
    'two',
    'part',
    ' of it',
  ]);
  expect(output.filter(({ type }) => type === 'stderr')).toEqual([{ type: 'stderr', content: 'wrong' }]);
});

test('[X5] a signal reads as 128 plus its number, a time-out as an error', async () => {
  await using executor = await startTestExecutor(classic);
  await using client = await connectClassic(executor);
  send(client, 'execute', { command: 'kill -9 $$' });
  expect((await status(client, 'COMPLETED')).params.exit_code).toBe(137);
  send(client, 'execute', { command: 'sleep 300', timeout: 0.3 });
  expect((await client.notification('error')).params.message).toContain('timeout');
  await status(client, 'CANCELLED');
});

test('[X6] a client that vanishes takes its command with it', async () => {
  await using executor = await startTestExecutor({ ...classic, containment: 'portable' });
  const client = await connectClassic(executor);
  send(client, 'execute', { command: fixture('spawns-grandchild.sh') });
  const { params } = await client.notification('output');
  await client[Symbol.asyncDispose]();
  const pid = Number(/\d+/.exec(params.content)?.[0]);
  await untilDead(pid);
  expect(isAlive(pid)).toBe(false);
});

test('[X6] also one that vanishes while its command is being started', async () => {
  await using executor = await startTestExecutor(classic);
  await using watcher = await connectWire(executor.url, undefined);
  const client = await connectClassic(executor);
  send(client, 'execute', { command: 'sleep 300' });
  client.socket.close();
  await expect
    .poll(async () => (await watcher.call('job/list')).jobs)
    .toMatchObject([{ state: { status: 'ended', outcome: { status: 'cancelled', by: 'detach' } } }]);
});

test('[X7] requests with an id are answered, wrong ones with an error, and the session goes on', async () => {
  await using executor = await startTestExecutor(classic);
  await using client = await connectClassic(executor);
  client.sendRaw('not json');
  expect((await client.notification('error')).params.message).toContain('JSON');
  expect((await client.request('frobnicate')).error?.data.code).toBe('methodNotFound');
  expect((await client.request('execute', {})).error?.data.code).toBe('invalidParams');
  expect((await client.request('control', { type: 'PAUSE' })).error).toBeDefined();
  expect((await client.request('execute', { command: 'sleep 300' })).result).toMatchObject({
    status: 'RUNNING',
  });
  expect((await client.request('execute', { command: 'true' })).error?.message).toContain('running');
  expect((await client.request('control', { type: 'PAUSE' })).result).toEqual({ status: 'PAUSED' });
  expect((await client.request('control', { type: 'CANCEL' })).result).toEqual({ status: 'CANCELLED' });
  expect((await client.request('execute', { command: 'exit 0' })).result).toMatchObject({
    status: 'RUNNING',
  });
  await status(client, 'COMPLETED');
});

test('[X2] without the shell capability only what policy allows runs', async () => {
  await using executor = await startTestExecutor({ token: undefined });
  await using client = await connectClassic(executor);
  expect((await client.request('execute', { command: 'ls | wc' })).error?.data.code).toBe('policyRefused');
  expect((await client.request('execute', { command: 'bash -c true' })).error?.data.code).toBe(
    'policyRefused',
  );
  await client.request('execute', { command: 'echo plain' });
  await status(client, 'COMPLETED');
  expect(lines(client)).toEqual(['plain']);
});

test('[X5] [X7] a cancel that comes after the end is answered with how the command ended', async () => {
  await using executor = await startTestExecutor(classic);
  await using watcher = await connectWire(executor.url, undefined);
  await using client = await connectClassic(executor);
  await client.request('execute', { command: 'sleep 300 & echo up; exit 4' });
  await expect
    .poll(async () => (await watcher.call('job/list')).jobs)
    .toMatchObject([{ state: { status: 'stopping' } }]);
  const reply = await client.request('control', { type: 'CANCEL' });
  expect(reply.result).toEqual({ status: 'COMPLETED', exit_code: 4 });
  // The session is free as soon as the answer is there.
  expect((await client.request('execute', { command: 'true' })).error).toBeUndefined();
});

test('[X7] a cancel sent right behind its command is not lost', async () => {
  await using executor = await startTestExecutor(classic);
  await using client = await connectClassic(executor);
  send(client, 'execute', { command: 'sleep 300' });
  expect((await client.request('control', { type: 'CANCEL' })).result).toEqual({ status: 'CANCELLED' });
  await status(client, 'CANCELLED');
});

test('[X5] a command that is killed while paused has its one end after the resume', async () => {
  await using executor = await startTestExecutor(classic);
  await using watcher = await connectWire(executor.url, undefined);
  await using client = await connectClassic(executor);
  const { result } = await client.request('execute', { command: 'sleep 300' });
  expect((await client.request('control', { type: 'PAUSE' })).result).toEqual({ status: 'PAUSED' });
  process.kill(result.pid, 'SIGKILL');
  await expect
    .poll(async () => (await watcher.call('job/list')).jobs)
    .toMatchObject([{ state: { status: 'ended' } }]);
  expect((await client.request('control', { type: 'RESUME' })).error?.message).toContain('cannot be resumed');
  expect((await status(client, 'COMPLETED')).params.exit_code).toBe(137);
});

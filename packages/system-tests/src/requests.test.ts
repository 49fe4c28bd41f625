import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

test('[R1] [R7] what is no JSON is answered, and the executor goes on', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  client.sendRaw('{"jsonrpc":"2.0","id":1,');
  expect((await client.until(({ id }) => id === null)).error).toMatchObject({
    code: -32_700,
    data: { code: 'parseError' },
  });
  expect(await client.call('job/list')).toEqual({ jobs: [] });
});

test.each([
  ['[]'],
  ['[{"jsonrpc":"2.0","id":7,"method":"job/list"}]'],
  ['42'],
  ['{"id":1,"method":"job/list"}'],
  ['{"jsonrpc":"2.0"}'],
])('[R2] %s is no request', async (text) => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  client.sendRaw(text);
  expect((await client.until(({ id }) => id === null)).error?.data.code).toBe('invalidRequest');
});

test.each(['nothing', 'job/frobnicate', 'toString', '__proto__', 'constructor'])(
  '[R3] there is no method %s',
  async (method) => {
    await using executor = await startTestExecutor();
    await using client = await executor.connect();
    expect((await client.request(method)).error?.data).toMatchObject({ code: 'methodNotFound', method });
  },
);

test.each([
  ['job/start', {}, 'kind'],
  ['job/start', { kind: 'command', cwd: '/', argv: ['ls'], timeout: 3 }, 'timeout'],
  ['job/start', { kind: 'command', cwd: '/', argv: [] }, 'argv'],
  ['job/start', { kind: 'command', cwd: '/', argv: ['ls'], command: 'ls' }, 'argv'],
  ['job/start', { kind: 'claude', cwd: '/', prompt: '' }, 'prompt'],
  ['job/start', { kind: 'claude', cwd: '/', prompt: 'x', fork: true }, 'fork'],
  ['job/start', { kind: 'command', cwd: '/', argv: ['ls'], lane: 'nowhere' }, 'lane'],
  ['job/credit', { jobId: 'j', bytes: -1 }, 'bytes'],
  ['job/read', { jobId: '../etc' }, 'jobId'],
  ['job/cancel', { jobId: 'j', graceMs: -5 }, 'graceMs'],
  ['job/wait', { jobIds: [] }, 'jobIds'],
  ['job/list', 'everything', ''],
])('[R4] %s with %j names what is wrong', async (method, params, where) => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { error } = await client.request(method, params);
  expect(error?.data.code).toBe('invalidParams');
  expect(JSON.stringify(error?.data['problems'])).toContain(where);
});

test('[R5] a request without id gets no reply', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const before = client.messages.length;
  client.sendRaw(JSON.stringify({ jsonrpc: '2.0', method: 'job/list' }));
  client.sendRaw(JSON.stringify({ jsonrpc: '2.0', method: 'no/such' }));
  await client.call('executor/status');
  expect(client.messages).toHaveLength(before + 1);
});

test('[R6] binary and oversized frames close the connection and nothing else', async () => {
  await using executor = await startTestExecutor();
  await using bystander = await executor.connect();
  await using binary = await executor.connect();
  binary.sendRaw(Buffer.from('{}'));
  expect(await binary.closed()).toBe(1008);
  await using large = await executor.connect();
  large.sendRaw(' '.repeat(16 * 1024 * 1024 + 1));
  expect(await large.closed()).toBe(1009);
  expect(await bystander.call('job/list')).toEqual({ jobs: [] });
});

test.each([
  'job/get',
  'job/attach',
  'job/read',
  'job/detach',
  'job/closeStdin',
  'job/pause',
  'job/resume',
  'job/interrupt',
  'job/cancel',
])('%s of an unknown job says so', async (method) => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  expect((await client.request(method, { jobId: 'j_none' })).error?.data).toMatchObject({
    code: 'unknownJob',
    jobId: 'j_none',
  });
});

import { expect, test } from 'vitest';
import { startTestExecutor, TEST_TOKEN } from './test-executor.ts';
import { connectWire, openWire, upgradeStatus } from './wire-client.ts';

const authorization = `Bearer ${TEST_TOKEN}`;

test('[C1] only the bearer of the token gets in', async () => {
  await using executor = await startTestExecutor();
  expect(await upgradeStatus(executor.url, {})).toBe(401);
  expect(await upgradeStatus(executor.url, { authorization: 'Bearer wrong' })).toBe(401);
  expect(await upgradeStatus(`${executor.url}?token=${TEST_TOKEN}`, {})).toBe(404);
  expect(await upgradeStatus(executor.url, { authorization })).toBe(101);
});

test('[C1] without authentication anyone on the machine gets in', async () => {
  await using executor = await startTestExecutor({ token: undefined });
  expect(await upgradeStatus(executor.url, {})).toBe(101);
});

test.each(['null', 'http://localhost', 'https://example.com'])(
  '[C2] an Origin of %s is refused',
  async (origin) => {
    await using executor = await startTestExecutor();
    expect(await upgradeStatus(executor.url, { authorization, origin })).toBe(403);
  },
);

test('[C3] another Host is refused, a listed one is not', async () => {
  await using executor = await startTestExecutor({ allowedHosts: ['executor.example.com'] });
  expect(await upgradeStatus(executor.url, { authorization, host: 'evil.example.com' })).toBe(421);
  expect(await upgradeStatus(executor.url, { authorization, host: 'localhost' })).toBe(421);
  expect(await upgradeStatus(executor.url, { authorization, host: 'executor.example.com' })).toBe(101);
});

test('the Unix socket serves the same protocol', async () => {
  await using executor = await startTestExecutor();
  await using client = await connectWire(`ws+unix://${executor.executor.info.socket ?? ''}:/ws`, TEST_TOKEN);
  expect(await client.call('executor/status')).toMatchObject({ connections: 1 });
});

test('[C4] initialize comes first, and once', async () => {
  await using executor = await startTestExecutor();
  await using client = await openWire(executor.url, TEST_TOKEN);
  expect(await client.errorOf('executor/status')).toBe('notInitialized');
  const params = { protocolVersion: 1, client: { name: 'test', version: '0' } };
  expect(await client.call('initialize', params)).toMatchObject({
    protocolVersion: 1,
    containment: expect.stringMatching(/^(pidns|portable)$/),
  });
  expect(await client.errorOf('initialize', params)).toBe('alreadyInitialized');
});

test('[C5] a connection that stays silent is closed', async () => {
  await using executor = await startTestExecutor();
  await using client = await openWire(executor.url, TEST_TOKEN);
  expect(await client.closed()).toBe(4408);
});

test('[C6] another protocol version is refused with those that are spoken', async () => {
  await using executor = await startTestExecutor();
  await using client = await openWire(executor.url, TEST_TOKEN);
  const reply = await client.request('initialize', {
    protocolVersion: 2,
    client: { name: 'test', version: '0' },
  });
  expect(reply.error?.data).toMatchObject({ code: 'unsupportedVersion', supported: [1] });
});

test('health and readiness are told without a token, but not to a web page', async () => {
  await using executor = await startTestExecutor();
  const base = executor.url.replace('ws:', 'http:').replace('/ws', '');
  for (const path of ['/healthz', '/readyz']) {
    expect((await fetch(base + path)).status).toBe(200);
    expect((await fetch(base + path, { headers: { origin: 'http://localhost' } })).status).toBe(403);
  }
  expect((await fetch(`${base}/`)).status).toBe(404);
});

test('a second executor on the same state directory is refused, and may come when the first has gone', async () => {
  const first = await startTestExecutor();
  await expect(startTestExecutor({ stateDir: first.stateDir })).rejects.toMatchObject({ code: 'inUse' });
  await first[Symbol.asyncDispose]();
  await using second = await startTestExecutor({ stateDir: first.stateDir });
  await using client = await second.connect();
  expect(await client.call('executor/status')).toMatchObject({ stateDir: first.stateDir });
});

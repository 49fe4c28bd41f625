import { once } from 'node:events';
import { readLines } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { makeTestHome, type TestHome, type TestRunOptions } from '../test-home.ts';

/** A bridge that has been introduced to, spoken to line by line. */
async function startBridge(home: TestHome, args: readonly string[] = [], options: TestRunOptions = {}) {
  const child = home.start(['mcp', ...args], { ...options, input: '' });
  if (child.stdin === null || child.stdout === null) throw new Error('no streams');
  const { stdin } = child;
  const lines = readLines(child.stdout);
  const request = async (id: number, method: string, params: object) => {
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    for (;;) {
      const message = JSON.parse(await lines.next()) as { id?: number; result?: Record<string, unknown> };
      if (message.id === id) return message.result;
    }
  };
  const clientInfo = { name: 'test', version: '1' };
  await request(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  return { child, stdin, lines, request };
}

test('a tool call starts an executor and runs in it; the end of stdin ends the bridge and not the executor', async () => {
  await using home = await makeTestHome();
  const bridge = await startBridge(home);
  expect(home.executorPids()).toEqual([]);
  const params = { name: 'execute', arguments: { command: 'echo from the bridge' } };
  const result = await bridge.request(2, 'tools/call', params);
  expect(JSON.stringify(result)).toContain('from the bridge');
  bridge.stdin.end();
  expect((await once(bridge.child, 'exit'))[0]).toBe(0);
  expect(home.executorPids()).toHaveLength(1);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the bridge', async (signal) => {
  await using home = await makeTestHome();
  const { child } = await startBridge(home);
  child.kill(signal);
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('an executor that was named and does not answer is told to the model, with what to do', async () => {
  await using home = await makeTestHome();
  const bridge = await startBridge(home, ['--url', 'ws://127.0.0.1:9/ws']);
  const result = await bridge.request(2, 'tools/call', { name: 'execute', arguments: { command: 'true' } });
  expect(result).toMatchObject({ isError: true });
  expect(JSON.stringify(result)).toContain('No executor at ws://127.0.0.1:9/ws');
  expect(JSON.stringify(result)).toContain('Start it');
  bridge.stdin.end();
  await once(bridge.child, 'exit');
  expect(home.executorPids()).toEqual([]);
});

import { ClientError } from '@cc-executor/client';
import { expect, test } from 'vitest';
import { startFakeExecutor } from './fake-executor.ts';
import { startTestBridge } from './test-bridge.ts';

test('initialize and the tools are answered without an executor', async () => {
  await using bridge = await startTestBridge({ connect: () => new Promise(() => undefined) });
  expect(bridge.client.getServerVersion()).toMatchObject({ name: 'cc_executor', version: '1.2.3' });
  expect(bridge.client.getInstructions()?.length).toBeLessThan(2_000);
  const { tools } = await bridge.client.listTools();
  expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
    ['execute', false],
    ['execute_claude', false],
    ['wait', true],
    ['read_output', true],
    ['send_input', false],
    ['control', false],
    ['list_jobs', true],
  ]);
  for (const { inputSchema, description = '', name, _meta } of tools) {
    expect(inputSchema['additionalProperties']).toBe(false);
    expect(description.length).toBeLessThan(400);
    expect(_meta).toEqual(name === 'read_output' ? { 'anthropic/maxResultSizeChars': 500_000 } : undefined);
  }
});

test('an executor that cannot be reached is an error, and the next call tries again', async () => {
  await using executor = await startFakeExecutor();
  let tries = 0;
  await using bridge = await startTestBridge({
    connect: (signal) => {
      tries += 1;
      if (tries === 1) throw new ClientError('connectFailed', 'Cannot reach the executor', {});
      return executor.connect(signal);
    },
  });
  const failed = await bridge.call('list_jobs', {});
  expect(failed.lines[0]).toBe('error=connectFailed');
  expect(failed.text).toContain('cc-executor serve');
  expect(failed.isError).toBe(true);
  expect((await bridge.call('list_jobs', {})).text).toBe('jobs=0');
});

test('calls at the same time share one connection', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  await Promise.all([bridge.call('list_jobs', {}), bridge.call('list_jobs', {})]);
  expect(executor.requests.filter(({ method }) => method === 'initialize')).toHaveLength(1);
});

test('a call that the user cancels cancels its job', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const stop = new AbortController();
  const call = bridge.call('execute', { command: 'x' }, { signal: stop.signal });
  const job = await executor.nextJob();
  stop.abort('AbortError: user-cancel');
  await expect(call).rejects.toThrow();
  expect((await executor.seen('job/cancel')).params['jobId']).toBe(job.jobId);
});

test.each(['SdkError: Request timed out', 'McpError: MCP error -32001: Request timed out'])(
  'a call that is cancelled as "%s" leaves its job running',
  async (reason) => {
    await using executor = await startFakeExecutor();
    await using bridge = await startTestBridge(executor);
    const stop = new AbortController();
    const call = bridge.call('execute', { command: 'x' }, { signal: stop.signal });
    await executor.nextJob();
    stop.abort(reason);
    await expect(call).rejects.toThrow();
    await executor.seen('job/detach');
    await bridge.call('list_jobs', {});
    expect(executor.requests.some(({ method }) => method === 'job/cancel')).toBe(false);
  },
);

test.each(['stdin ends', 'stdout breaks', 'the signal aborts'])(
  'the bridge ends when %s, and jobs of calls in flight go on',
  async (how) => {
    await using executor = await startFakeExecutor();
    const stop = new AbortController();
    const bridge = await startTestBridge({ ...executor, signal: stop.signal });
    bridge.call('execute', { command: 'x' }).catch(() => undefined);
    await executor.nextJob();
    if (how === 'stdin ends') bridge.stdin.end();
    else if (how === 'stdout breaks') bridge.stdout.destroy(new Error('EPIPE'));
    else stop.abort();
    await bridge.ended;
    expect(executor.requests.some(({ method }) => method === 'job/cancel')).toBe(false);
  },
);

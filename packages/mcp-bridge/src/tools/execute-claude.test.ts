import type { ClaudeResult, Limit } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { startFakeExecutor } from '../fake-executor.ts';
import { startTestBridge } from '../test-bridge.ts';

const sessionId = '3b9c0000-0000-4000-8000-000000000000';

function result(fields: Partial<ClaudeResult> = {}): ClaudeResult {
  return {
    kind: 'claude',
    text: 'The answer.',
    sessionId,
    turns: 7,
    usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 30, cacheCreationTokens: 400 },
    costUsd: 0.18,
    permissionDenials: [],
    backgroundTasksEnded: 0,
    ...fields,
  };
}

test('a Claude comes back with its final answer, cost, session and tokens', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute_claude', {
    prompt: 'do it',
    allowed_tools: ['Read'],
    max_budget_usd: 2,
    add_dirs: ['lib'],
  });
  const job = await executor.nextJob();
  job.tell({ type: 'text', text: 'thinking aloud' });
  job.end(
    { status: 'succeeded' },
    result({ permissionDenials: [{ toolName: 'Bash' }, { toolName: 'Bash' }] }),
  );
  const { lines, isError } = await call;
  expect(lines).toEqual([
    `job=${job.jobId} state=ended outcome=succeeded cost=$0.18 session=${sessionId} turns=7 tokens=431/2 wall=41.2s`,
    'The answer.',
    'note: not allowed to use Bash; see allowed_tools and permission_mode',
  ]);
  expect(isError).toBe(false);
  expect((await executor.seen('job/start')).params).toMatchObject({
    kind: 'claude',
    prompt: 'do it',
    cwd: '/home/ada',
    allowedTools: ['Read'],
    maxBudgetUsd: 2,
    addDirs: ['/home/ada/lib'],
  });
});

test('text, tools and waits are the progress; numbers rise', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const progress: [number, string][] = [];
  const call = bridge.call(
    'execute_claude',
    { prompt: 'x' },
    { onProgress: (message, number) => progress.push([number, message]) },
  );
  const job = await executor.nextJob();
  job.tell({ type: 'init', sessionId, model: 'opus', mcpServers: [] });
  job.tell({ type: 'textDelta', text: 'I will ' });
  job.tell({ type: 'textDelta', text: 'look.' });
  job.tell({ type: 'toolUse', toolUseId: 't', name: 'Bash', summary: 'ls\n-l' });
  job.tell({
    type: 'retryWait',
    attempt: 2,
    maxRetries: 10,
    delayMs: 12_000,
    httpStatus: 529,
    error: 'overloaded',
  });
  job.end({ status: 'succeeded' }, result());
  await call;
  expect(progress).toEqual([
    [1, `session=${sessionId} model=opus`],
    [2, 'Bash ls -l · overloaded: waits 12.0s, attempt 2 of 10'],
  ]);
});

test('a limit says which, when to try again and what to do', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute_claude', { prompt: 'x' });
  const limit: Limit = {
    kind: 'usage',
    message: 'usage limit reached',
    hint: 'wait',
    resetsAt: '2026-01-01T05:00:00.000Z',
    retryAfterMs: 30_000,
    window: 'five_hour',
  };
  (await executor.nextJob()).end({ status: 'limited', limit }, result({ text: 'Half of it' }));
  const { lines, isError } = await call;
  expect(lines[0]).toContain(
    'outcome=limited limit=usage retry_after=30.0s resets_at=2026-01-01T05:00:00.000Z window=five_hour',
  );
  expect(lines.slice(1)).toEqual(['message: usage limit reached', 'hint: wait', 'Half of it']);
  expect(isError).toBe(true);
});

test('a long answer is cut in the middle, below what clients put aside', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute_claude', { prompt: 'x' });
  const job = await executor.nextJob();
  job.end({ status: 'succeeded' }, result({ text: `begin ${'ä'.repeat(200_000)} end` }));
  const { text } = await call;
  expect(text.length).toBeLessThan(41_000);
  expect(text).toContain('characters omitted; call read_output');
  expect(text.endsWith(' end')).toBe(true);
});

test('structured output is shown once', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const structuredOutput = { a: 1 };
  for (const [text, shown] of [
    ['{"a": 1}', ['{"a": 1}']],
    ['', ['{"a":1}']],
    ['Done.', ['Done.', 'structured_output: {"a":1}']],
  ] as const) {
    const call = bridge.call('execute_claude', { prompt: 'x' });
    (await executor.nextJob()).end({ status: 'succeeded' }, result({ text, structuredOutput }));
    expect((await call).lines.slice(1)).toEqual(shown);
  }
});

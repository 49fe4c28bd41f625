import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClaudeHome, claudePath, startScriptedApi, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

/** An executor whose Claudes are the real CLI and talk to a scripted model. */
async function startWithClaude(
  options: { maxRetries?: number; auth?: 'apiKey' | 'oauth' | 'none'; containment?: 'portable' } = {},
) {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startScriptedApi());
  const home = stack.use(await createClaudeHome());
  const environment = home.env(api, options);
  const executor = stack.use(
    await startTestExecutor({
      environment,
      claudePath: claudePath(),
      containment: options.containment ?? 'prefer',
    }),
  );
  const client = stack.use(await executor.connect());
  const owned = stack.move();
  const cwd = home.workDir;
  /** Runs a prompt to its end. */
  const ask = async (prompt: string, params: object = {}) => {
    const { jobId } = await client.call('job/start', { kind: 'claude', cwd, prompt, ...params });
    return { jobId, ...(await client.notification('job/closed', jobId)).params };
  };
  return { api, executor, client, cwd, ask, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('a fresh Claude answers with streamed text, session, turns, tokens and dollars', async () => {
  await using claude = await startWithClaude();
  const answer = 'The first half, and then the second half of it.';
  const { jobId, outcome, drained, result } = await claude.ask(
    `scenario:text ${JSON.stringify({ text: answer })}`,
  );
  expect({ outcome, drained }).toEqual({ outcome: { status: 'succeeded' }, drained: true });
  expect(result).toMatchObject({ kind: 'claude', text: answer, turns: 1 });
  expect(result.usage.inputTokens).toBeGreaterThan(0);
  expect(result.usage.outputTokens).toBeGreaterThan(0);
  expect(result.costUsd).toBeGreaterThan(0);
  const events = claude.client.entries(jobId).flatMap(({ params }) => params.event ?? []);
  expect(events[0]).toMatchObject({ type: 'init', sessionId: result.sessionId });
  const deltas = events.filter(({ type }) => type === 'textDelta').map(({ text }) => text);
  expect(deltas.length).toBeGreaterThan(1);
  expect(deltas.join('')).toBe(answer);
  const view = await claude.client.call('job/get', { jobId });
  expect(view).toMatchObject({ sessionId: result.sessionId, result: { text: answer } });
});

test('a session is continued with its history', async () => {
  await using claude = await startWithClaude();
  const first = await claude.ask('remember the word heron');
  const second = await claude.ask('which word was it?', { sessionId: first.result.sessionId });
  expect(second.result.sessionId).toBe(first.result.sessionId);
  expect(JSON.stringify(claude.api.requests.at(-1)?.body)).toContain('heron');
  const copy = await claude.ask('and again?', { sessionId: first.result.sessionId, fork: true });
  expect(copy.outcome).toEqual({ status: 'succeeded' });
  expect(copy.result.sessionId).not.toBe(first.result.sessionId);
});

test.each([
  ['rate-limit', 'rate'],
  ['overloaded', 'overloaded'],
  ['prompt-too-long', 'context'],
  ['context-window', 'context'],
  ['max-tokens', 'output'],
  ['credit', 'billing'],
  ['unauthorized', 'auth'],
])('%s ends as limited: %s, with the facts and what to do next', async (scenario, kind) => {
  await using claude = await startWithClaude();
  const { jobId, outcome } = await claude.ask(`scenario:${scenario}`);
  expect(outcome).toMatchObject({ status: 'limited', limit: { kind } });
  expect(outcome.limit.message).not.toBe('');
  expect(outcome.limit.hint).not.toBe('');
  const entries = claude.client.entries(jobId).map(({ method }) => method);
  expect(entries.slice(-3)).toEqual(['job/limit', 'job/state', 'job/closed']);
});

test('prompt too long and full context are told apart', async () => {
  await using claude = await startWithClaude();
  const tooLong = await claude.ask('scenario:prompt-too-long');
  const full = await claude.ask('scenario:context-window');
  expect(tooLong.outcome.limit).toMatchObject({ kind: 'context', filledBy: 'prompt' });
  expect(full.outcome.limit).toMatchObject({ kind: 'context', filledBy: 'answer' });
  expect(full.outcome.limit.hint).not.toBe(tooLong.outcome.limit.hint);
});

test('an answer that merely talks about limits succeeds', async () => {
  await using claude = await startWithClaude();
  const { outcome, result } = await claude.ask('scenario:talks-about-limits');
  expect(outcome).toEqual({ status: 'succeeded' });
  expect(result.text).toContain('429');
});

test('a limit that the CLI waits out by itself is told while it waits, and the job succeeds', async () => {
  await using claude = await startWithClaude({ maxRetries: 2 });
  const { jobId, outcome } = await claude.ask('scenario:rate-limit {"times":1}');
  expect(outcome).toEqual({ status: 'succeeded' });
  const events = claude.client.entries(jobId).flatMap(({ params }) => params.event ?? []);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'retryWait', httpStatus: 429, error: 'rate_limit' }),
  );
});

test('without a login the job is limited by auth, not failed in some odd way', async () => {
  await using claude = await startWithClaude({ auth: 'none' });
  expect((await claude.ask('hi')).outcome).toMatchObject({ status: 'limited', limit: { kind: 'auth' } });
  expect(claude.api.requests).toHaveLength(0);
});

test('without a Claude CLI starting is refused with where it was looked for', async () => {
  await using executor = await startTestExecutor({
    environment: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
  });
  await using client = await executor.connect();
  const { error } = await client.request('job/start', { kind: 'claude', cwd: '/', prompt: 'hi' });
  expect(error?.data).toMatchObject({ code: 'claudeUnavailable', mendedBy: 'operator' });
  expect(error?.data['looked']).toContain('claude');
});

test('prompts of 2 MB and prompts that look like options or commands reach the model as they are', async () => {
  await using claude = await startWithClaude();
  for (const prompt of ['--version', '-p', '/cost', `begin ${'long '.repeat(400_000)}end`]) {
    const { outcome } = await claude.ask(prompt);
    expect(outcome).toEqual({ status: 'succeeded' });
    expect(claude.api.requests.at(-1)?.prompt.trim()).toBe(prompt);
  }
});

test('[K2] an interrupt ends the turn and the session can be continued', async () => {
  await using claude = await startWithClaude();
  const { client, cwd } = claude;
  const start = { kind: 'claude', cwd, prompt: 'scenario:slow' };
  const { jobId } = await client.call('job/start', start);
  await client.until(({ params }) => params?.jobId === jobId && params.event?.type === 'textDelta');
  await client.call('job/interrupt', { jobId });
  const { params } = await client.notification('job/closed', jobId);
  expect(params.outcome).toEqual({ status: 'cancelled', by: 'interrupt' });
  expect(params.result.text).not.toBe('');
  const next = await claude.ask('go on', { sessionId: params.result.sessionId });
  expect(next.outcome).toEqual({ status: 'succeeded' });
});

test('[K1] [K3] a Claude is paused in mid-stream, resumed without a loss, and cancelled', async () => {
  await using claude = await startWithClaude();
  const { client, cwd } = claude;
  const { jobId } = await client.call('job/start', { kind: 'claude', cwd, prompt: 'scenario:slow' });
  const deltas = () =>
    client.entries(jobId).filter(({ params }) => params.event?.type === 'textDelta').length;
  await client.until(({ params }) => params?.jobId === jobId && params.event?.type === 'textDelta');
  await client.call('job/pause', { jobId });
  await client.call('executor/status');
  const before = deltas();
  await client.call('job/wait', { jobIds: [jobId], waitMs: 1_000 });
  expect(deltas()).toBe(before);
  await client.call('job/resume', { jobId });
  await expect.poll(deltas).toBeGreaterThan(before);
  const { pid } = (await client.notification('job/started', jobId)).params;
  await client.call('job/cancel', { jobId });
  expect((await client.notification('job/closed', jobId)).params.outcome).toEqual({
    status: 'cancelled',
    by: 'client',
  });
  await untilDead(pid);
});

test('cancelling a Claude also ends what its own tools have started', async () => {
  await using claude = await startWithClaude({ containment: 'portable' });
  const { client, cwd } = claude;
  const prompt = `scenario:bash ${JSON.stringify({ command: 'echo $$ > pid; exec tail -f /dev/null' })}`;
  const params = { kind: 'claude', cwd, prompt, allowedTools: ['Bash'] };
  const { jobId } = await client.call('job/start', params);
  await client.until(
    (message) => message.params?.jobId === jobId && message.params.event?.type === 'toolUse',
  );
  const pidFile = join(cwd, 'pid');
  await expect.poll(() => readFile(pidFile, 'utf8').catch(() => ''), { timeout: 15_000 }).toMatch(/\d+\n/);
  const pid = Number(await readFile(pidFile, 'utf8'));
  await client.call('job/cancel', { jobId });
  await client.notification('job/closed', jobId);
  await untilDead(pid);
});

test('four Claudes at once on one machine all answer', async () => {
  await using claude = await startWithClaude();
  const ends = await Promise.all(
    [1, 2, 3, 4].map((n) => claude.ask(`scenario:text ${JSON.stringify({ text: `answer ${n}` })}`)),
  );
  expect(ends.map(({ result }) => String(result.text)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'answer 1',
    'answer 2',
    'answer 3',
    'answer 4',
  ]);
});

test('launch options reach the CLI', async () => {
  await using claude = await startWithClaude();
  await claude.ask('hi', {
    model: 'haiku',
    systemPrompt: 'You are a heron.',
    appendSystemPrompt: 'Stand still.',
    permissionMode: 'plan',
    maxTurns: 3,
  });
  const body = JSON.stringify(claude.api.requests.at(-1)?.body);
  expect(body).toContain('You are a heron.');
  expect(body).toContain('Stand still.');
  expect(body).toContain('haiku');
  expect(
    (
      await claude.client.request('job/start', {
        kind: 'claude',
        cwd: '/',
        prompt: 'x',
        permissionMode: 'bypassPermissions',
      })
    ).error?.data.code,
  ).toBe('policyRefused');
});

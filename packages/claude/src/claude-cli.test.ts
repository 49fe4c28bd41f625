import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { ClaudeEvent, ClaudeSpec } from '@cc-executor/protocol';
import {
  claudePath,
  createClaudeHome,
  startScriptedApi,
  type ClaudeEnvOptions,
  type ClaudeHome,
  type ScriptedApi,
} from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { classify, type ClaudeVerdict } from './classify.ts';
import { interruptLine } from './input-line.ts';
import { planClaude } from './plan.ts';
import { ClaudeReader } from './reader.ts';

interface Run extends ClaudeVerdict {
  events: ClaudeEvent[];
}

interface RunOptions extends ClaudeEnvOptions {
  /** Where the run lives. @default a home of its own */
  home?: ClaudeHome;
  /** Sees each event; what it returns is written to the CLI. */
  reply?: (event: ClaudeEvent) => string | undefined;
}

/** Carries a plan out with the real CLI: files, start, prompt, end of input when settled, verdict. */
async function run(api: ScriptedApi, spec: ClaudeSpec, options: RunOptions = {}): Promise<Run> {
  await using ownHome = options.home === undefined ? await createClaudeHome() : undefined;
  const home = options.home ?? ownHome;
  if (home === undefined) throw new Error('a run needs a home');
  const scratchDir = await mkdtemp(join(home.tmpDir, 'job-'));
  const plan = planClaude(spec, { sessionId: randomUUID(), scratchDir });
  for (const { path, content } of plan.files) await writeFile(path, content, { mode: 0o600 });
  const env = { ...home.env(api, options), ...plan.env };
  const child = spawn(claudePath(), plan.args, { cwd: home.workDir, env });
  const exited = once(child, 'close') as Promise<[number | null, string | null]>;
  // A CLI that fails at its start does not take the prompt.
  child.stdin.on('error', () => undefined);
  child.stdin.write(plan.input.userMessage(spec.prompt));
  const reader = new ClaudeReader({ expectsStructuredOutput: spec.outputSchema !== undefined });
  const events: ClaudeEvent[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    for (const event of reader.push(chunk)) {
      events.push(event);
      const line = options.reply?.(event);
      if (line !== undefined) child.stdin.write(line);
    }
    if (reader.isSettled) child.stdin.end();
  });
  const [stderr, [code, signal]] = await Promise.all([readText(child.stderr), exited]);
  events.push(...reader.end());
  expect(reader.facts.garbageLines).toBe(0);
  return { ...classify(reader.facts, { code, signal }, stderr), events };
}

const succeeded = { status: 'succeeded' };

test('an answer is streamed, whole and paid for', async () => {
  await using api = await startScriptedApi();
  const { outcome, result, events } = await run(api, {
    prompt: 'scenario:text {"text":"Grüße 🙂!","deltaChars":3}',
  });
  expect(outcome).toEqual(succeeded);
  expect(result.text).toBe('Grüße 🙂!');
  expect(result.costUsd).toBeGreaterThan(0);
  expect(events.flatMap((event) => (event.type === 'textDelta' ? [event.text] : []))).toEqual([
    'Grü',
    'ße ',
    '🙂!',
  ]);
});

test('tools, folders, prompts and servers reach the CLI', async () => {
  await using api = await startScriptedApi();
  const { outcome, events } = await run(api, {
    prompt: 'hello',
    systemPrompt: '--the whole system prompt',
    appendSystemPrompt: '/and its end',
    disallowedTools: ['Write', 'Bash(rm *)', 'Edit'],
    allowedTools: ['Bash(git diff *)', 'Read'],
    addDirs: ['/usr', '/opt'],
    mcpServers: { broken: { type: 'stdio', command: '/bin/false' } },
    settingSources: [],
    permissionMode: 'dontAsk',
  });
  expect(outcome).toEqual(succeeded);
  expect(events[0]).toMatchObject({
    type: 'init',
    permissionMode: 'dontAsk',
    mcpServers: [{ name: 'broken' }],
  });
  const body = api.requests[0]?.body;
  expect(JSON.stringify(body?.system)).toContain('--the whole system prompt\\n\\n/and its end');
  const tools = body?.tools?.map(({ name }) => name);
  expect(tools).toContain('Bash');
  expect(tools).not.toContain('Write');
  expect(tools).not.toContain('Edit');
  expect(JSON.stringify(body)).toContain('/opt');
});

test.for(['-p --version', '--help', '/cost', '/compact now', '!ls', '# note'])(
  'the prompt %s reaches the model as it is',
  async (prompt) => {
    await using api = await startScriptedApi();
    const { outcome, result } = await run(api, { prompt });
    expect([outcome, result.text]).toEqual([succeeded, 'This is the scripted answer.']);
    expect(api.requests.map((request) => request.prompt.trim())).toEqual([prompt]);
  },
);

test('a prompt of two megabytes goes through', async () => {
  await using api = await startScriptedApi();
  const prompt = `scenario:text\n${'lorem ipsum '.repeat(170_000)}`;
  expect((await run(api, { prompt })).outcome).toEqual(succeeded);
  expect(api.requests[0]?.bodyBytes).toBeGreaterThan(2_000_000);
});

test('a maximum met once is recovered, and its answer is in one piece', async () => {
  await using api = await startScriptedApi();
  const { outcome, result, events } = await run(api, { prompt: 'scenario:max-tokens {"times":1}' });
  expect(outcome).toEqual(succeeded);
  expect(result.text).toBe('The first part of the answer, and the last part.');
  expect(events.filter((event) => event.type === 'outputMaximum')).toHaveLength(1);
});

test('what a broken stream said is withdrawn', async () => {
  await using api = await startScriptedApi();
  const prompt = 'scenario:drop-mid-stream {"times":1}';
  const { outcome, result, events } = await run(api, { prompt }, { maxRetries: 1 });
  expect([outcome, result.text]).toEqual([succeeded, 'This is the scripted answer.']);
  expect(events.map((event) => event.type)).toContain('textWithdrawn');
});

test('an answer that talks about limits has succeeded', async () => {
  await using api = await startScriptedApi();
  const { outcome, result } = await run(api, { prompt: 'scenario:talks-about-limits' });
  expect(outcome).toEqual(succeeded);
  expect(result.text).toContain('Request rejected (429)');
});

test('a schema brings data, and its absence is a failure', async () => {
  await using api = await startScriptedApi();
  const outputSchema = { type: 'object', properties: { answer: { type: 'number' } } };
  const met = await run(api, { prompt: 'scenario:structured-output', outputSchema });
  expect([met.outcome, met.result.structuredOutput]).toEqual([succeeded, { answer: 42 }]);
  const missed = await run(api, { prompt: 'scenario:text', outputSchema });
  expect(missed.outcome).toMatchObject({ status: 'failed', reason: 'schema' });
});

test.for<[scenario: string, limit: object, more?: Partial<ClaudeSpec>, env?: ClaudeEnvOptions]>([
  ['rate-limit', { kind: 'rate', httpStatus: 429 }],
  ['overloaded', { kind: 'overloaded', httpStatus: 529 }],
  ['credit', { kind: 'billing', httpStatus: 400 }],
  ['unauthorized', { kind: 'auth', httpStatus: 401 }],
  ['prompt-too-long', { kind: 'context', httpStatus: 400 }],
  ['max-tokens', { kind: 'output' }],
  ['context-window', { kind: 'context' }],
  ['text', { kind: 'auth' }, {}, { auth: 'none' }],
  ['bash {"times":3}', { kind: 'turns' }, { maxTurns: 1, allowedTools: ['Bash'] }],
  ['bash {"times":3}', { kind: 'budget' }, { maxBudgetUsd: 0.000001, allowedTools: ['Bash'] }],
  [
    'usage-limit {"resetsAtEpochS":1900000000}',
    { kind: 'usage', window: 'five_hour', resetsAt: '2030-03-17T17:46:40.000Z' },
    {},
    { auth: 'oauth' },
  ],
])('%s ends with the limit %o', async ([scenario, limit, more, env]) => {
  await using api = await startScriptedApi();
  const verdict = await run(api, { prompt: `scenario:${scenario}`, ...more }, env);
  expect(verdict.outcome).toMatchObject({ status: 'limited', limit });
});

test.for<[scenario: string, reason: string, more?: Partial<ClaudeSpec>]>([
  ['server-error', 'api'],
  ['refusal', 'refusal'],
  ['model-not-found', 'model'],
  ['drop-mid-stream', 'network'],
  ['text', 'startup', { sessionId: '0f8fad5b-d9cb-469f-a165-70867728950e' }],
  ['text', 'startup', { outputSchema: { type: 'nonsense' } }],
])('%s fails for %s', async ([scenario, reason, more]) => {
  await using api = await startScriptedApi();
  const { outcome } = await run(api, { prompt: `scenario:${scenario}`, ...more });
  expect(outcome).toMatchObject({ status: 'failed', reason, message: expect.stringMatching(/./) });
});

test('a command that Claude runs is told by its events', async () => {
  await using api = await startScriptedApi();
  const { result, events } = await run(api, { prompt: 'scenario:bash', allowedTools: ['Bash'] });
  expect(result.text).toBe('The tool said: from-the-tool');
  expect(events.filter((event) => event.type === 'toolUse' || event.type === 'toolResult')).toMatchObject([
    { type: 'toolUse', name: 'Bash', summary: 'echo from-the-tool' },
    { type: 'toolResult', isError: false, summary: 'from-the-tool' },
  ]);
});

test('a turn that is interrupted keeps what was said', async () => {
  await using api = await startScriptedApi();
  let hasInterrupted = false;
  const reply = (event: ClaudeEvent): string | undefined => {
    if (event.type !== 'textDelta' || hasInterrupted) return undefined;
    hasInterrupted = true;
    return interruptLine('stop-1');
  };
  const { outcome, result } = await run(api, { prompt: 'scenario:slow {"words":200}' }, { reply });
  expect(outcome).toEqual({ status: 'cancelled', by: 'interrupt' });
  expect(result.text).toMatch(/^w001 /);
});

test('a session is continued in place and in a copy', async () => {
  await using api = await startScriptedApi();
  await using home = await createClaudeHome();
  const first = await run(api, { prompt: 'the first' }, { home });
  const sessionId = first.result.sessionId ?? '';
  const second = await run(api, { prompt: '/the second', sessionId }, { home });
  const forked = await run(api, { prompt: 'the third', sessionId, fork: true }, { home });
  expect([second.result.sessionId, second.outcome, forked.outcome]).toEqual([
    sessionId,
    succeeded,
    succeeded,
  ]);
  expect(forked.result.sessionId).not.toBe(sessionId);
  expect(JSON.stringify(api.requests[2]?.body.messages)).toMatch(/the first.*\/the second.*the third/);
});

test('an empty system prompt is one', async () => {
  await using api = await startScriptedApi();
  expect((await run(api, { prompt: 'hello', systemPrompt: '' })).outcome).toEqual(succeeded);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as readText } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createClaudeHome, type ClaudeAuth, type ClaudeEnvOptions } from './claude-home.ts';
import { claudePath } from './claude-path.ts';
import { startScriptedApi, type ScriptedApi } from './scripted-api/scripted-api.ts';

type Line = Record<string, unknown>;

interface Run {
  code: number | null;
  lines: Line[];
  result: Line;
}

/** One run of the real CLI in a home of its own, from prompt to exit. */
async function runClaude(
  api: ScriptedApi,
  prompt: string,
  args: string[] = [],
  options?: ClaudeEnvOptions,
): Promise<Run> {
  await using home = await createClaudeHome();
  const flags = ['-p', '--output-format', 'stream-json', '--verbose', '--include-partial-messages', ...args];
  const child = spawn(claudePath(), flags, {
    cwd: home.workDir,
    env: home.env(api, options),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(prompt);
  const [stdout, [code]] = await Promise.all([
    readText(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return { code, lines, result: lines.findLast((line) => line['type'] === 'result') ?? {} };
}

/** The fields by which a test tells one end from another. */
function verdict(run: Run): Line {
  const { result } = run;
  const assistant = run.lines.findLast((line) => line['type'] === 'assistant') ?? {};
  return {
    code: run.code,
    status: result['api_error_status'],
    terminal: result['terminal_reason'],
    error: assistant['error'],
    apiError: result['api_error'],
  };
}

const ok = { code: 0, status: null, terminal: 'completed', error: undefined, apiError: undefined };

test('the real CLI streams a scripted answer and reports its cost', async () => {
  await using api = await startScriptedApi();
  const run = await runClaude(api, 'scenario:text {"text":"one two three","deltaChars":4}');
  expect(verdict(run)).toEqual(ok);
  expect(run.result['result']).toBe('one two three');
  expect(run.result['total_cost_usd']).toBeGreaterThan(0);
  expect(JSON.stringify(run.lines).match(/"text_delta"/g)).toHaveLength(4);
  expect(api.requests.map((request) => request.prompt)).toEqual([
    'scenario:text {"text":"one two three","deltaChars":4}',
  ]);
});

test('text of many bytes a character arrives whole', async () => {
  await using api = await startScriptedApi();
  const run = await runClaude(api, 'scenario:multi-byte {"text":"żółw 日本 🙂"}');
  expect(run.result['result']).toBe('żółw 日本 🙂');
});

test('the real CLI runs the scripted command and gives its output back', async () => {
  await using api = await startScriptedApi();
  const run = await runClaude(api, 'scenario:bash {"command":"echo four$((40+2))"}', [
    '--allowedTools',
    'Bash',
  ]);
  expect(verdict(run)).toEqual(ok);
  expect(run.result['result']).toBe('The tool said: four42');
});

test('a run with a schema gets its data', async () => {
  await using api = await startScriptedApi();
  const schema = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] };
  const run = await runClaude(api, 'scenario:structured-output', ['--json-schema', JSON.stringify(schema)]);
  expect(verdict(run)).toEqual(ok);
  expect(run.result['structured_output']).toEqual({ answer: 42 });
});

test('an answer that talks about limits is an answer', async () => {
  await using api = await startScriptedApi();
  expect(verdict(await runClaude(api, 'scenario:talks-about-limits'))).toEqual(ok);
});

test('a maximum met once is recovered', async () => {
  await using api = await startScriptedApi();
  const run = await runClaude(api, 'scenario:max-tokens {"times":1}');
  expect(verdict(run)).toEqual(ok);
  expect(api.requests).toHaveLength(2);
});

test.for<[scenario: string, auth: ClaudeAuth, expected: Line]>([
  ['rate-limit', 'apiKey', { status: 429, error: 'rate_limit' }],
  ['rate-limit {"retryAfterSeconds":3600}', 'apiKey', { status: 429, error: 'rate_limit' }],
  ['usage-limit', 'oauth', { status: 429, error: 'rate_limit', apiError: 'usage_limit_reached' }],
  ['overloaded', 'apiKey', { status: 529, error: 'server_error' }],
  ['server-error', 'apiKey', { status: 500, error: 'server_error' }],
  ['unauthorized', 'apiKey', { status: 401, error: 'authentication_failed' }],
  ['model-not-found', 'apiKey', { status: 404, error: 'model_not_found' }],
  ['credit', 'apiKey', { status: 400, error: 'billing_error' }],
  ['prompt-too-long', 'apiKey', { status: 400, error: 'invalid_request', terminal: 'prompt_too_long' }],
  ['max-tokens', 'apiKey', { error: 'max_output_tokens', apiError: 'max_output_tokens' }],
  ['context-window', 'apiKey', { error: 'max_output_tokens', apiError: 'max_output_tokens' }],
  ['refusal', 'apiKey', { error: 'invalid_request' }],
])('the real CLI reports %s with its own words', async ([scenario, auth, expected]) => {
  await using api = await startScriptedApi();
  const run = await runClaude(api, `scenario:${scenario}`, [], { auth });
  expect(verdict(run)).toEqual({ ...ok, code: 1, terminal: 'api_error', ...expected });
});

test('the usage window is told to a subscription', async () => {
  await using api = await startScriptedApi();
  const run = await runClaude(
    api,
    'scenario:usage-limit {"status":"allowed_warning","resetsAtEpochS":1900000000}',
    [],
    { auth: 'oauth' },
  );
  expect(run.lines.find((line) => line['type'] === 'rate_limit_event')?.['rate_limit_info']).toMatchObject({
    status: 'allowed_warning',
    rateLimitType: 'five_hour',
    resetsAt: 1_900_000_000,
    utilization: 0.91,
  });
});

test('a stream that is cut is asked for again', async () => {
  await using api = await startScriptedApi();
  const run = await runClaude(api, 'scenario:drop-mid-stream {"times":1}', [], { maxRetries: 1 });
  expect(verdict(run)).toEqual(ok);
  expect(api.requests.length).toBeGreaterThan(1);
  expect(JSON.stringify(run.lines)).toContain('"abandoned_blocks"');
});

test.for(['hang', 'hang-mid-stream'])('a run of %s waits until it is ended', async (scenario) => {
  await using api = await startScriptedApi();
  await using home = await createClaudeHome();
  const child = spawn(claudePath(), ['-p'], {
    cwd: home.workDir,
    env: home.env(api),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(`scenario:${scenario}`);
  await api.waitForRequest(1);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([143, null]);
});

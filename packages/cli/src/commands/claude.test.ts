import { once } from 'node:events';
import { claudePath, createClaudeHome, startScriptedApi } from '@cc-executor/testkit';
import { expect, test, vi } from 'vitest';
import { makeTestHome, type TestRunOptions } from '../test-home.ts';

// Each test is a row of processes, and machines under load take their time to start them.
vi.setConfig({ testTimeout: 60_000 });

/** A home whose Claudes are the real CLI and talk to a scripted model. */
async function homeWithClaude() {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startScriptedApi());
  const claudeHome = stack.use(await createClaudeHome());
  const home = stack.use(await makeTestHome());
  const env = { ...claudeHome.env(api), HOME: home.path, CC_EXECUTOR_CLAUDE_PATH: claudePath() };
  const owned = stack.move();
  return {
    api,
    home,
    start: (...args: string[]) => home.start(['claude', ...args], { env }),
    run: (args: readonly string[], options: TestRunOptions = {}) =>
      home.run(['claude', ...args], { ...options, env }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test('only the answer goes to stdout; cost, turns and session go to stderr', async () => {
  await using claude = await homeWithClaude();
  const { code, stdout, stderr } = await claude.run(['scenario:text {"text":"The answer."}']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'The answer.\n' });
  expect(stderr).toMatch(/^\$\d+\.\d{4} · 1 turn · \d+ tokens in, \d+ out · session [0-9a-f-]{36}\n$/);
});

test('of what it said and did, the first and last lines are shown, and those that hold a text', async () => {
  await using claude = await homeWithClaude();
  const { code } = await claude.run(['scenario:text {"text":"First line.\\nA needle here.\\nLast line."}']);
  expect(code).toBe(0);
  const id = /^(j_\w+)/m.exec((await claude.home.run(['ps', '--all'])).stdout)?.[1] ?? '';
  const logs = async (...args: string[]) => (await claude.home.run(['logs', ...args, id])).stdout;
  expect(await logs()).toBe('First line.\nA needle here.\nLast line.\n');
  expect(await logs('--head', '1')).toBe('First line.\n');
  expect(await logs('--tail', '1')).toBe('Last line.\n');
  expect(await logs('-f', '--tail', '1')).toBe('Last line.\n');
  expect(await logs('--search', 'needle')).toBe('A needle here.\n');
  expect(await logs('--search', 'needle', '--context', '1')).toBe(
    'First line.\nA needle here.\nLast line.\n',
  );
  const [first = ''] = (await logs('--stream', 'stdout', '--head', '1')).split('\n');
  expect(JSON.parse(first)).toMatchObject({ type: 'system' });
  const { stdout, stderr } = await claude.home.run(['attach', '--from-start', id]);
  expect(stdout).toBe('First line.\nA needle here.\nLast line.\n');
  expect(stderr).toMatch(/1 turn · .* session /);
});

test('a session goes on, with the prompt piped in', async () => {
  await using claude = await homeWithClaude();
  const first = await claude.run(['-'], { input: 'remember the word heron\n' });
  const session = /session (\S+)/.exec(first.stderr)?.[1] ?? '';
  const second = await claude.run(['--session', session], { input: 'which word was it?' });
  expect(second.code).toBe(0);
  expect(JSON.stringify(claude.api.requests.at(-1)?.body)).toContain('heron');
});

test('tools that it uses are told on stderr', async () => {
  await using claude = await homeWithClaude();
  const { stderr } = await claude.run(['scenario:bash {"command":"echo used-a-tool"}']);
  expect(stderr).toContain('Bash echo used-a-tool');
});

test('a limit that passes is exit code 75, with its hint', async () => {
  await using claude = await homeWithClaude();
  const { code, stderr } = await claude.run(['scenario:rate-limit']);
  expect(code).toBe(75);
  const [what, hint] = stderr.split('\n').filter((line) => !line.includes(' (try '));
  expect(what).toMatch(/^cc-executor: limited \(rate\): ./);
  expect(hint).not.toBe('');
});

test('a limit that stays is exit code 1', async () => {
  await using claude = await homeWithClaude();
  expect((await claude.run(['scenario:credit'])).code).toBe(1);
});

test('Ctrl-C interrupts it', async () => {
  await using claude = await homeWithClaude();
  const child = claude.start('scenario:hang');
  await claude.api.waitForRequest(1);
  child.kill('SIGINT');
  expect((await once(child, 'exit'))[0]).toBe(130);
});

test('without a prompt it says how to pass one', async () => {
  await using home = await makeTestHome();
  const none = await home.run(['claude']);
  expect({ code: none.code, message: none.stderr.split('\n')[0] }).toEqual({
    code: 2,
    message: 'cc-executor: which task? Pass a prompt, or pipe it in',
  });
  expect((await home.run(['claude', 'two', 'prompts'])).code).toBe(2);
  expect((await home.run(['claude'], { input: ' \n' })).code).toBe(2);
});

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClaudeHome, claudePath, startScriptedApi } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor, TEST_TOKEN } from './test-executor.ts';

const examples = fileURLToPath(new URL('../../../examples', import.meta.url));
/** Debian's Python, for which CI installs python3-websockets; other machines' own python3 otherwise. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** Runs a program as a user would and answers with what it printed and its exit code. */
async function run(
  argv: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  return { code: await promise, output };
}

const node = [process.execPath, '--conditions=@cc-executor/source'];

test.each([
  ['command', [...node, join(examples, 'command/command.ts')], '1\n2\n3\n4\n5\n'],
  ['long-job', [...node, join(examples, 'long-job/long-job.ts')], 'step 20 of 20'],
  ['websocket', [process.execPath, join(examples, 'websocket/websocket.mjs')], 'hello, executor\n'],
  ['python', [python, join(examples, 'python/websocket.py')], '1\n2\n3\n'],
])('the example %s does what it says', async (_name, argv, expected) => {
  await using executor = await startTestExecutor();
  const env = { CC_EXECUTOR_WEBSOCKET_URL: executor.url, CC_EXECUTOR_TOKEN: TEST_TOKEN };
  const { code, output } = await run(argv, env);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(expected) });
});

test('the example fresh-claude does what it says', async () => {
  await using api = await startScriptedApi();
  await using home = await createClaudeHome();
  await using executor = await startTestExecutor({ environment: home.env(api), claudePath: claudePath() });
  const env = { CC_EXECUTOR_WEBSOCKET_URL: executor.url, CC_EXECUTOR_TOKEN: TEST_TOKEN };
  const argv = [...node, join(examples, 'fresh-claude/fresh-claude.ts')];
  const { code, output } = await run(argv, env);
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringMatching(/scripted answer[^]*session [0-9a-f-]{36}/),
  });
});

test('an example that meets a wrong result exits non-zero', async () => {
  await using executor = await startTestExecutor({ policy: { deny: ['seq'] } });
  const env = { CC_EXECUTOR_WEBSOCKET_URL: executor.url, CC_EXECUTOR_TOKEN: TEST_TOKEN };
  const { code, output } = await run([...node, join(examples, 'command/command.ts')], env);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('Policy denies seq') });
});

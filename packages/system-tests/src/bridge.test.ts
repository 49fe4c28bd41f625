import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claudePath, isAlive, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { ccExecutor } from './cc-executor-process.ts';
import { createTestBridge } from './test-bridge.ts';

test('with no config at all, commands and fresh Claudes run from an empty folder', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const { tools } = await parent.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['execute', 'execute_claude', 'wait', 'read_output', 'control', 'list_jobs']),
  );
  await writeFile(join(bridge.project, 'hello.py'), 'import os\nprint("hello from", os.getcwd())\n');
  const command = await parent.call('execute', { command: 'python3 hello.py' });
  expect(command).toMatchObject({
    isError: false,
    facts: { state: 'ended', outcome: 'succeeded', exit: '0' },
  });
  expect(command.text).toContain(`hello from ${bridge.project}`);

  const claude = await parent.call('execute_claude', { prompt: 'scenario:text {"text":"A whole answer."}' });
  expect(claude).toMatchObject({ isError: false, facts: { outcome: 'succeeded', turns: '1' } });
  expect(claude.text.split('\n').slice(1)).toEqual(['A whole answer.']);
  expect(claude.facts['session']).toMatch(/^[0-9a-f-]{36}$/);
  expect(claude.facts['tokens']).toMatch(/^\d+\/\d+$/);
  expect(claude.facts['cost']).toMatch(/^\$0\.\d+$/);
});

test('output is relayed as progress while a call runs', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const program = 'import time\nfor n in range(4):\n    print("line", n, flush=True)\n    time.sleep(0.4)\n';
  await writeFile(join(bridge.project, 'lines.py'), program);
  const seen: { progress: number; message: string; isOver: boolean }[] = [];
  let isOver = false;
  const answer = await parent.call(
    'execute',
    { command: 'python3 lines.py' },
    {
      onprogress: ({ progress, message = '' }) => seen.push({ progress, message, isOver }),
    },
  );
  isOver = true;
  const lines = seen.filter(({ message }) => message.startsWith('line'));
  expect(lines.map(({ message }) => message)).toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
  const numbers = seen.map(({ progress }) => progress);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(answer.text).toContain('line 3');
});

test.each([
  ['rate-limit', { limit: 'rate' }],
  ['prompt-too-long', { limit: 'context', filled_by: 'prompt' }],
  ['context-window', { limit: 'context', filled_by: 'answer' }],
  ['max-tokens', { limit: 'output' }],
])('%s is told as a limit with its facts', async (scenario, facts) => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const answer = await parent.call('execute_claude', { prompt: `scenario:${scenario}` });
  expect(answer).toMatchObject({ isError: true, facts: { state: 'ended', outcome: 'limited', ...facts } });
});

test('an answer that merely talks about limits is an answer', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const answer = await parent.call('execute_claude', { prompt: 'scenario:talks-about-limits' });
  expect(answer).toMatchObject({ isError: false, facts: { outcome: 'succeeded' } });
});

test('a prompt of 2 MB goes through, and what is too large is refused without harm', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const prompt = `begin ${'long '.repeat(400_000)}end`;
  expect((await parent.call('execute_claude', { prompt })).facts).toMatchObject({ outcome: 'succeeded' });
  expect(bridge.api.requests.at(-1)?.prompt).toBe(prompt);
  const tooLarge = await parent.call('execute_claude', { prompt: 'x'.repeat(4 * 1024 * 1024 + 1) });
  expect(tooLarge.isError).toBe(true);
  expect(tooLarge.text).toContain('prompt');
  expect((await parent.call('execute', { command: 'echo still here' })).text).toContain('still here');
});

test('a call yields before the deadline, and wait brings the result', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const yielded = await parent.call('execute', { command: 'sleep 2', wait_seconds: 0.2 });
  // On a busy machine the process may still be on its way.
  expect(yielded).toMatchObject({
    isError: false,
    facts: { state: expect.stringMatching(/starting|running/) },
  });
  const job = yielded.facts['job'] ?? '';
  expect(yielded.text).toContain(`wait with job_ids=["${job}"]`);
  const ended = await parent.call('wait', { job_ids: [job] });
  expect(ended.facts).toMatchObject({ job, state: 'ended', outcome: 'succeeded' });
});

test('several Claudes in the background are waited for at once', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const jobs: string[] = [];
  for (const n of [1, 2, 3]) {
    const prompt = `scenario:text {"text":"answer ${n}"}`;
    const { facts } = await parent.call('execute_claude', { prompt, background: true });
    jobs.push(facts['job'] ?? '');
  }
  const { text } = await parent.call('wait', { job_ids: jobs, wait_seconds: 60 });
  for (const n of [1, 2, 3]) expect(text).toContain(`answer ${n}`);
});

test('a cancelled call cancels its job, one that the client gave up on goes on', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  await expect(parent.call('execute', { command: 'sleep 301' }, { timeout: 3_000 })).rejects.toThrow(
    /timed out/i,
  );
  const program = 'import time\nprint("up", flush=True)\ntime.sleep(302)\n';
  await writeFile(join(bridge.project, 'waits.py'), program);
  const stop = new AbortController();
  const cancelled = parent.call(
    'execute',
    { command: 'python3 waits.py' },
    { signal: stop.signal, onprogress: () => stop.abort('AbortError: user-cancel') },
  );
  await expect(cancelled).rejects.toThrow();
  const list = async () => (await parent.call('list_jobs', {})).text;
  await expect.poll(list, { timeout: 15_000 }).toMatch(/cancelled[^\n]*waits\.py|waits\.py[^\n]*cancelled/);
  expect(await list()).toMatch(/running[^\n]*sleep 301|sleep 301[^\n]*running/);
});

test('refusals and missing things are results that say who can mend them', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const refused = await parent.call('execute', { command: 'ls | wc -l' });
  expect(refused.isError).toBe(true);
  expect(refused.text).toContain('policyRefused');
  expect(refused.text).toContain('config.json');
  for (const [input, code] of [
    [{ command: 'no-such-program' }, 'programNotFound'],
    [{ command: 'ls', cwd: 'no/such/folder' }, 'cwdNotFound'],
    [{ argv: ['ls', 'a\0b'] }, 'invalidParams'],
  ] as const) {
    const answer = await parent.call('execute', input);
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(code);
  }
  expect((await parent.call('execute', { command: 'echo still here' })).text).toContain('still here');
});

test('two bridges share one executor, and jobs outlive the bridge that started them', async () => {
  await using bridge = await createTestBridge();
  const first = await bridge.connect();
  await using second = await bridge.connect();
  const [started] = await Promise.all([
    first.call('execute', { command: 'sleep 3', background: true }),
    second.call('execute', { command: 'true' }),
  ]);
  await first[Symbol.asyncDispose]();
  const ended = await second.call('wait', { job_ids: [started.facts['job'] ?? ''] });
  expect(ended.facts).toMatchObject({ outcome: 'succeeded' });
});

test('a bridge finds a new executor when the old one was killed', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  await parent.call('execute', { command: 'true' });
  const runtimeFile = join(bridge.stateDir, 'executor.json');
  const { pid } = JSON.parse(await readFile(runtimeFile, 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await untilDead(pid);
  expect((await parent.call('execute', { command: 'echo again' })).text).toContain('again');
});

test('nothing but MCP comes out of the bridge, and it ends with its stdin, its stdout or a signal', async () => {
  await using bridge = await createTestBridge();
  const start = () => {
    const [command, ...args] = ccExecutor;
    const child = spawn(command, [...args, 'mcp'], { env: bridge.env, cwd: bridge.project, stdio: 'pipe' });
    child.stdin.on('error', () => undefined);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
    };
    child.stdin.write('this is no JSON\n');
    child.stdin.write(`${JSON.stringify(initialize)}\n`);
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'no/such' })}\n`);
    return child;
  };
  const byStdin = start();
  let output = '';
  byStdin.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await expect.poll(() => output.split('\n').length, { timeout: 20_000 }).toBeGreaterThan(2);
  byStdin.stdin.end();
  await once(byStdin, 'close');
  for (const line of output.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });

  const byStdout = start();
  await once(byStdout.stdout, 'data');
  byStdout.stdout.destroy();
  byStdout.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'tools/list' })}\n`);
  await once(byStdout, 'exit');

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const bySignal = start();
    await once(bySignal.stdout, 'data');
    bySignal.kill(signal);
    await once(bySignal, 'exit');
  }
});

test('a real Claude as the parent launches a fresh Claude with one entry in .mcp.json', async () => {
  await using bridge = await createTestBridge();
  const [command, ...args] = ccExecutor;
  const config = { mcpServers: { cc_executor: { command, args: [...args, 'mcp'] } } };
  await writeFile(join(bridge.project, '.mcp.json'), JSON.stringify(config));
  await mkdir(join(bridge.project, 'sub'));
  const ask = {
    name: 'mcp__cc_executor__execute_claude',
    input: { prompt: 'scenario:text {"text":"from the fresh one"}', cwd: 'sub' },
    answer: 'The tool said: {result}',
  };
  const env = { ...bridge.env, ENABLE_TOOL_SEARCH: 'false' };
  const parent = spawn(
    claudePath(),
    [
      '-p',
      `scenario:tool-use ${JSON.stringify(ask)}`,
      '--allowedTools',
      'mcp__cc_executor',
      '--mcp-config',
      '.mcp.json',
    ],
    { env, cwd: bridge.project, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  parent.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await once(parent, 'close');
  expect(output).toContain('outcome=succeeded');
  expect(output).toContain('from the fresh one');
  expect(isAlive(parent.pid ?? 0)).toBe(false);
});

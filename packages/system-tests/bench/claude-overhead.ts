import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { claudePath, createClaudeHome, startScriptedApi } from '@cc-executor/testkit';
import { ccExecutor, startExecutorProcess } from '../src/cc-executor-process.ts';
import { row, Samples } from './samples.ts';

const ROUNDS = 9;

/** `execute_claude` through the bridge over a bare `claude -p`, in turns, against a scripted model. */
export async function benchClaudeOverhead(folder: string): Promise<void> {
  await using api = await startScriptedApi();
  await using home = await createClaudeHome();
  const claude = claudePath();
  const env = {
    ...home.env(api),
    CC_EXECUTOR_CLAUDE_PATH: claude,
    CC_EXECUTOR_STATE_DIR: join(folder, 'claude'),
  };
  await using _executor = await startExecutorProcess(join(folder, 'claude'), env);
  const [command, ...args] = ccExecutor;
  const parent = new Client({ name: 'bench', version: '0.0.0' });
  await parent.connect(
    new StdioClientTransport({ command, args: [...args, 'mcp'], env, cwd: home.workDir, stderr: 'ignore' }),
  );

  const bare = { request: new Samples(), result: new Samples() };
  const tool = { request: new Samples(), result: new Samples() };
  /** Runs one ask and notes when its request arrived and when its answer did. */
  const measure = async (samples: typeof bare, isCounted: boolean, ask: () => Promise<unknown>) => {
    const seen = api.requests.length;
    const start = performance.now();
    const requested = api.waitForRequest(seen + 1).then(() => performance.now() - start);
    await ask();
    const resultMs = performance.now() - start;
    const requestMs = await requested;
    if (!isCounted) return;
    samples.request.add(requestMs);
    samples.result.add(resultMs);
  };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const isCounted = round > 0;
    await measure(bare, isCounted, async () => {
      const child = spawn(claude, ['-p', 'hi'], {
        env: home.env(api),
        cwd: home.workDir,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child.stdout.resume();
      await once(child, 'close');
    });
    await measure(tool, isCounted, () =>
      parent.callTool({ name: 'execute_claude', arguments: { prompt: 'hi', cwd: home.workDir } }),
    );
  }
  await parent.close();
  console.log('\nexecute_claude through the bridge over a bare claude -p (start to end of the process)');
  console.log(row('  start to first API request', tool.request, bare.request));
  console.log(row('  start to result', tool.result, bare.result));
}

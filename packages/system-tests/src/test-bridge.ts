import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { claudePath, createClaudeHome, startScriptedApi, type ScriptedApi } from '@cc-executor/testkit';
import { ccExecutor } from './cc-executor-process.ts';

/** A tool's answer as a model sees it. */
export interface ToolAnswer {
  readonly text: string;
  /** The `key=value` pairs of the first line. */
  readonly facts: Readonly<Record<string, string>>;
  readonly isError: boolean;
}

/** A user's machine in small: a home and an empty project, a scripted model, and parents with a bridge each. */
export interface TestBridge extends AsyncDisposable {
  readonly api: ScriptedApi;
  readonly env: Record<string, string>;
  /** The empty folder in which parents and bridges run. */
  readonly project: string;
  readonly stateDir: string;
  /** A parent with a bridge of its own. */
  connect(): Promise<TestParent>;
}

/** An MCP client connected to a bridge. */
export interface TestParent extends AsyncDisposable {
  readonly client: Client;
  /** The bridge's process. */
  readonly pid: number;
  call(name: string, input: Record<string, unknown>, options?: RequestOptions): Promise<ToolAnswer>;
}

/** Sets up a machine with no configuration at all. */
export async function createTestBridge(): Promise<TestBridge> {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startScriptedApi());
  const home = stack.use(await createClaudeHome());
  const project = await realpath(await mkdtemp(join(tmpdir(), 'ccx-project-')));
  stack.defer(() => rm(project, { recursive: true, force: true }));
  const env = { ...home.env(api), CC_EXECUTOR_CLAUDE_PATH: claudePath() };
  stack.defer(() => stopExecutor(env));
  const owned = stack.move();
  return {
    api,
    env,
    project,
    stateDir: join(home.home, '.local/state/cc-executor'),
    connect: () => connectParent(env, project),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function connectParent(env: Record<string, string>, cwd: string): Promise<TestParent> {
  const client = new Client({ name: 'test-parent', version: '0.0.0' });
  const [command, ...args] = ccExecutor;
  const transport = new StdioClientTransport({ command, args: [...args, 'mcp'], env, cwd, stderr: 'ignore' });
  await client.connect(transport);
  return {
    client,
    pid: transport.pid ?? 0,
    call: async (name, input, options) => {
      const result = await client.callTool({ name, arguments: input }, undefined, options);
      const [block] = result.content as { text?: string }[];
      const text = block?.text ?? '';
      const pairs = [...(text.split('\n')[0] ?? '').matchAll(/(\w+)=(\S+)/g)];
      return {
        text,
        facts: Object.fromEntries(pairs.map(([, key, value]) => [key ?? '', value ?? ''])),
        isError: result.isError === true,
      };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function stopExecutor(env: Record<string, string>): Promise<void> {
  const [command, ...args] = ccExecutor;
  await once(spawn(command, [...args, 'stop'], { env, stdio: 'ignore' }), 'exit');
}

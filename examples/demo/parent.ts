import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/** The command `cc-executor`, from source. */
const [command, ...args] = [
  process.execPath,
  '--conditions=@cc-executor/source',
  fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url)),
] as const;

/** A tool's answer: its text, and the facts of its first line. */
export interface Answer {
  readonly text: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly isError: boolean;
}

/** The parent: a real MCP client with a bridge of its own, which starts the executor when it is first needed. */
export class Parent implements AsyncDisposable {
  readonly #client = new Client({ name: 'demo', version: '1.0.0' });
  readonly #env: Record<string, string>;

  private constructor(env: Record<string, string>) {
    this.#env = env;
  }

  /** @param env CC_EXECUTOR_STATE_DIR in it is where the executor lives */
  static async connect(env: Record<string, string>, cwd: string): Promise<Parent> {
    const parent = new Parent(env);
    await parent.#client.connect(
      new StdioClientTransport({ command, args: [...args, 'mcp'], env, cwd, stderr: 'ignore' }),
    );
    return parent;
  }

  async tools(): Promise<string[]> {
    const { tools } = await this.#client.listTools();
    return tools.map(({ name }) => name);
  }

  /** Calls a tool as a parent Claude does, and tells what it reports meanwhile. */
  async call(
    name: string,
    input: Record<string, unknown>,
    onProgress: (message: string) => void = () => {},
  ): Promise<Answer> {
    const result = await this.#client.callTool({ name, arguments: input }, undefined, {
      timeout: 180_000,
      onprogress: ({ message = '' }) => onProgress(message),
    });
    const [block] = result.content as { type: string; text?: string }[];
    const text = block?.text ?? '';
    const pairs = [...(text.split('\n')[0] ?? '').matchAll(/(\w+)=(\S+)/g)];
    return {
      text,
      facts: Object.fromEntries(pairs.map(([, key, value]) => [key ?? '', value ?? ''])),
      isError: result.isError === true,
    };
  }

  /** Closes the bridge and stops the executor that it has started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    const stop = spawn(command, [...args, 'stop'], { env: this.#env, stdio: 'ignore' });
    await once(stop, 'exit');
  }
}

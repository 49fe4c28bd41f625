import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

/** Program and arguments that run the command `cc-executor` from source. */
export const ccExecutor: readonly [string, ...string[]] = [
  process.execPath,
  '--conditions=@cc-executor/source',
  main,
];

/** An executor in a process of its own, as `cc-executor serve` starts it. */
export interface ExecutorProcess extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly stateDir: string;
  /** Ends it as nobody can prepare for. */
  kill(): Promise<void>;
}

/** Starts `cc-executor serve` on a free port and waits until it is ready. */
export async function startExecutorProcess(
  stateDir: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  command: readonly [string, ...string[]] = ccExecutor,
): Promise<ExecutorProcess> {
  const [program, ...rest] = command;
  const child = spawn(program, [...rest, 'serve', '--port', '0', '--state-dir', stateDir, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => Promise.reject(new Error(`the executor ended with ${String(code)}`))),
  ])) as [string];
  const { url, pid } = JSON.parse(line) as { url: string; pid: number };
  const { token } = JSON.parse(await readFile(join(stateDir, 'executor.json'), 'utf8')) as { token: string };
  return {
    url,
    token,
    pid,
    stateDir,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readRuntimeFile } from '@cc-executor/executor';
import { isAlive, untilDead } from '@cc-executor/testkit';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const nodeOptions = ['--conditions=@cc-executor/source'];

/** How a run of the command differs from the plain one. */
export interface TestRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** @default the home's work folder */
  readonly cwd?: string;
  /** Piped in. @default nothing: stdin is /dev/null */
  readonly input?: string | Buffer;
}

/** How a run of the command ended. */
export interface TestRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

/** So that the pids that a job tells are those that we see. */
export const portable = { CC_EXECUTOR_CONTAINMENT: 'portable' } as const;

/** A user of the command with an empty home. Disposal ends the executor that runs in it. */
export interface TestHome extends AsyncDisposable {
  readonly path: string;
  readonly stateDir: string;
  readonly workDir: string;
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
  /** Starts the command in a process of its own, with piped streams. */
  start(args: readonly string[], options?: TestRunOptions): ChildProcess;
  /** Runs it to its end. */
  run(args: readonly string[], options?: TestRunOptions): Promise<TestRun>;
  writeConfig(config: unknown): Promise<void>;
  /** The executor that runs, as its runtime file has it. */
  executorPid(): Promise<number | undefined>;
  /** All executors that run with this home's state directory, as the process table has them. */
  executorPids(): readonly number[];
}

/** Makes an empty home in the temporary folder. */
export async function makeTestHome(): Promise<TestHome> {
  const path = await mkdtemp(join(tmpdir(), 'ccx-'));
  const workDir = join(path, 'work');
  await mkdir(workDir);
  const stateDir = join(path, '.local/state/cc-executor');
  const configFile = join(path, '.config/cc-executor/config.json');
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: path,
    LANG: 'C.UTF-8',
  };

  const start: TestHome['start'] = (args, options = {}) =>
    spawn(process.execPath, [...nodeOptions, main, ...args], {
      cwd: options.cwd ?? workDir,
      env: { ...env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });

  const executorPid = async (): Promise<number | undefined> => (await readRuntimeFile(stateDir))?.pid;

  return {
    path,
    stateDir,
    workDir,
    configFile,
    env,
    start,
    run: async (args, options = {}) => {
      const child = start(args, options);
      // A command that reads nothing may be gone before its input is written.
      child.stdin?.on('error', () => undefined).end(options.input);
      return collect(child);
    },
    writeConfig: async (config) => {
      await mkdir(dirname(configFile), { recursive: true });
      await writeFile(configFile, typeof config === 'string' ? config : JSON.stringify(config));
    },
    executorPid,
    executorPids: () => findExecutors(stateDir),
    [Symbol.asyncDispose]: async () => {
      const pid = await executorPid();
      if (pid !== undefined && isAlive(pid)) {
        process.kill(pid, 'SIGTERM');
        await untilDead(pid);
      }
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** What a process of the command says until it ends. */
export async function collect(child: ChildProcess): Promise<TestRun> {
  if (child.stdout === null || child.stderr === null) throw new Error('the streams of a test are piped');
  const [stdoutBytes, stderr, [code, signal]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout: stdoutBytes.toString(), stderr: stderr.toString(), stdoutBytes };
}

function findExecutors(stateDir: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return args.includes('serve') && args.includes(stateDir) && isAlive(pid);
    } catch {
      return false;
    }
  });
}

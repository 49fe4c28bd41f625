import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultSettings,
  openExecutor,
  PolicyConfig,
  type Executor,
  type ExecutorSettings,
} from '@cc-executor/executor';
import { pino } from 'pino';
import type { z } from 'zod';
import { connectWire, type WireClient } from './wire-client.ts';

/** A real executor on a free port, with a state directory of its own, gone with the test. */
export interface TestExecutor extends AsyncDisposable {
  readonly executor: Executor;
  readonly url: string;
  readonly token: string;
  readonly stateDir: string;
  /** A folder for jobs to work in. */
  readonly workDir: string;
  /** What the executor has logged. */
  readonly logLines: readonly string[];
  /** A connection that has said `initialize`. */
  connect(): Promise<WireClient>;
}

/** What a test may set; the rest is as users have it. */
export interface TestExecutorOptions extends Partial<Omit<ExecutorSettings, 'policy' | 'stateDir'>> {
  readonly policy?: z.input<typeof PolicyConfig>;
  /** Use it again to see what an executor finds that comes after another. */
  readonly stateDir?: string;
}

export const TEST_TOKEN = 'token-of-the-tests';

/** Opens an executor for one test. */
export async function startTestExecutor(options: TestExecutorOptions = {}): Promise<TestExecutor> {
  const root = await mkdtemp(join(tmpdir(), 'ccx-'));
  const stateDir = options.stateDir ?? join(root, 'state');
  const logLines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void logLines.push(line) });
  const executor = await openExecutor(
    {
      ...defaultSettings,
      version: '0.0.0-test',
      port: 0,
      socketPath: join(root, 'x.sock'),
      token: TEST_TOKEN,
      allowedHosts: [],
      claudePath: undefined,
      claudeStarts: 2,
      policyFile: '/etc/cc-executor.json',
      cwd: root,
      environment: { PATH: process.env['PATH'], HOME: root, LANG: 'C.UTF-8' },
      idleExitMs: undefined,
      ...options,
      stateDir,
      policy: PolicyConfig.parse(options.policy ?? {}),
    },
    logger,
  );
  const { url } = executor.info;
  return {
    executor,
    url,
    token: TEST_TOKEN,
    stateDir,
    workDir: root,
    logLines,
    connect: () => connectWire(url, TEST_TOKEN),
    [Symbol.asyncDispose]: async () => {
      await executor[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectClient, type ExecutorClient } from '@cc-executor/client';
import { WebSocket } from 'ws';
import { measuredCommand } from '../../bench/executor-under-test.ts';
import { startExecutorProcess, type ExecutorProcess } from '../../src/cc-executor-process.ts';

/** An executor in a process of its own that can be killed and started again with the same state. */
export interface SoakExecutor extends AsyncDisposable {
  /** Of the process that runs now. */
  readonly pid: number;
  readonly port: number;
  /** Where the output of jobs lies. */
  readonly logsFolder: string;
  /** Kills it and starts another with the same state directory. */
  restart(): Promise<void>;
  /**
   * A client that finds the executor that runs now.
   *
   * @param options `port` of a proxy to it; `onSocket` is given each socket that is opened
   */
  connect(options?: ConnectingOptions): Promise<ExecutorClient>;
}

interface ConnectingOptions {
  readonly port?: number;
  readonly onSocket?: (socket: WebSocket) => void;
}

/** Starts an executor that runs perl, with settings as in a config file. */
export async function startSoakExecutor(settings: Readonly<Record<string, unknown>>): Promise<SoakExecutor> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  const stateDir = join(folder, 'state');
  const configPath = join(folder, 'config.json');
  await writeFile(configPath, JSON.stringify({ policy: { allow: ['perl'] }, ...settings }));
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
  const start = (): Promise<ExecutorProcess> =>
    startExecutorProcess(stateDir, env, ['--config', configPath], measuredCommand.argv);
  let running = await start();
  return {
    logsFolder: join(stateDir, 'logs'),
    get pid() {
      return running.pid;
    },
    get port() {
      return Number(new URL(running.url).port);
    },
    restart: async () => {
      await running.kill();
      running = await start();
    },
    connect: ({ port, onSocket } = {}) =>
      connectClient({
        client: { name: 'soak', version: '0.0.0' },
        open: () => {
          const url = port === undefined ? running.url : `ws://127.0.0.1:${port}/ws`;
          const socket = new WebSocket(url, { headers: { authorization: `Bearer ${running.token}` } });
          onSocket?.(socket);
          return socket;
        },
      }),
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

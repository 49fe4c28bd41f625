import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectClient, type ExecutorClient } from '@cc-executor/client';
import { WebSocket } from 'ws';
import { ccExecutor, startExecutorProcess, type ExecutorProcess } from '../src/cc-executor-process.ts';
import type { Tier } from '../src/tiers.ts';

const built = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

/** The command that is measured: the build, as users have it, when there is one. It may be older than the source. */
export const measuredCommand: { readonly argv: readonly [string, ...string[]]; readonly origin: string } =
  existsSync(built)
    ? { argv: [process.execPath, built], origin: 'the build' }
    : { argv: ccExecutor, origin: 'source: there is no build' };

/** An executor in a process of its own with a client of it. */
export interface ExecutorUnderTest extends AsyncDisposable {
  readonly executor: ExecutorProcess;
  readonly client: ExecutorClient;
}

/**
 * Starts an executor of one tier that runs the commands of the benchmarks.
 *
 * @param settings as in a config file
 */
export async function startExecutorUnderTest(
  folder: string,
  tier: Tier,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<ExecutorUnderTest> {
  await using starting = new AsyncDisposableStack();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CC_EXECUTOR_ALLOWED_COMMANDS: 'true,perl,cat',
  };
  const config = join(folder, `${tier}.json`);
  await writeFile(config, JSON.stringify(settings));
  const args = ['--containment', tier === 'pidns' ? 'require' : 'portable', '--config', config];
  const executor = starting.use(
    await startExecutorProcess(join(folder, tier), env, args, measuredCommand.argv),
  );
  const client = starting.use(
    await connectClient({
      open: () => new WebSocket(executor.url, { headers: { authorization: `Bearer ${executor.token}` } }),
      client: { name: 'bench', version: '0.0.0' },
    }),
  );
  const parts = starting.move();
  return { executor, client, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

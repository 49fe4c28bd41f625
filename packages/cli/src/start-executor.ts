import { setTimeout as sleep } from 'node:timers/promises';
import { readRuntimeFile, type RuntimeInfo } from '@cc-executor/executor';
import type { ExecutorClient } from '@cc-executor/client';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-errors.ts';
import { stateDirectory } from './default-paths.ts';
import { connectByRuntimeInfo, connectNamedExecutor, type FindOptions } from './find-executor.ts';
import { tryStartLock } from './start-lock.ts';
import { makeStateDirectory, spawnExecutor, type SpawnedExecutor } from './spawn-executor.ts';

/** How long an executor may take to come up, in milliseconds. */
const START_TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 50;
/** When the holder of the state directory is on its way out, we try again after so long, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * Connects to the executor that was named or runs, or starts one.
 *
 * Whoever calls at the same time ends up with the same executor: one of them starts it and all connect to it.
 * Should two be started all the same, the executors' own lock on the state directory lets one of them live.
 *
 * @throws CommandError `noExecutor` for a named one that does not answer, `startFailed` with the end of its log
 */
export async function startExecutor(context: CommandContext, options: FindOptions): Promise<ExecutorClient> {
  const named = await connectNamedExecutor(context, options);
  if (named !== undefined) return named;
  const stateDir = stateDirectory(context);
  const deadline = performance.now() + START_TIMEOUT_MS;
  using stack = new DisposableStack();
  let mayStart = false;
  let stale: RuntimeInfo | undefined;
  let spawned: SpawnedExecutor | undefined;
  let spawnedAt = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    const info = await readRuntimeFile(stateDir);
    if (info !== undefined && !isSame(info, stale)) {
      const client = await connectByRuntimeInfo(info, options);
      if (client !== undefined) return client;
      stale = info;
    }
    const exit = spawned?.exit;
    if (spawned !== undefined && exit !== undefined && !exit.isInUse) {
      throw startFailed(`The executor did not start (${exit.description})`, spawned);
    }
    if (performance.now() > deadline) throw notReady(stateDir, spawned, stale);
    if (!mayStart) {
      makeStateDirectory(stateDir);
      const lock = stack.use(tryStartLock(stateDir));
      mayStart = lock !== undefined;
      // One may have come up just before we had the lock.
      if (mayStart) continue;
    } else if (spawned === undefined || (exit !== undefined && performance.now() - spawnedAt > RETRY_MS)) {
      // Somebody holds the state directory: if it was only busy, it may answer now.
      stale = undefined;
      spawned = await spawnExecutor(context, stateDir);
      spawnedAt = performance.now();
    }
    await sleep(POLL_INTERVAL_MS, undefined, options.signal && { signal: options.signal });
  }
}

function isSame(one: RuntimeInfo, other: RuntimeInfo | undefined): boolean {
  return one.pid === other?.pid && one.startedAt === other.startedAt;
}

function notReady(
  stateDir: string,
  spawned: SpawnedExecutor | undefined,
  holder: RuntimeInfo | undefined,
): CommandError {
  const after = `${START_TIMEOUT_MS / 1000} s`;
  if (spawned?.exit?.isInUse !== true) return startFailed(`No executor was ready within ${after}`, spawned);
  const who = holder === undefined ? '' : ` (pid ${holder.pid})`;
  const message = `Another executor${who} holds the state directory ${stateDir} and did not answer for ${after}`;
  return new CommandError('startFailed', message, 'Try again, or end that process');
}

function startFailed(what: string, spawned: SpawnedExecutor | undefined): CommandError {
  const tail = spawned?.logTail() ?? '';
  const message = tail === '' ? what : `${what}: ${tail}`;
  return new CommandError('startFailed', message, 'Start it by hand to see more: cc-executor serve');
}

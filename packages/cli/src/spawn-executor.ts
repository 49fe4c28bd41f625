import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-errors.ts';
import { executorEnvironment } from './executor-environment.ts';
import { IN_USE_EXIT_CODE } from './on-demand.ts';
import { oneLine } from './terminal-text.ts';

/** An executor that was started on demand ends after so long without work, in seconds. */
const IDLE_EXIT_SECONDS = 1_800;
const TAIL_LINES = 5;

/** An executor on its way up. */
export interface SpawnedExecutor {
  /** Set once it has ended. `isInUse`: another executor holds the state directory. */
  readonly exit: { readonly isInUse: boolean; readonly description: string } | undefined;
  /** The last lines it has logged, as one. */
  logTail(): string;
}

/**
 * Starts an executor that outlives us: a session of its own, nothing inherited but the log file, an
 * environment of listed variables.
 *
 * @throws CommandError `startFailed` when the log file or the process cannot be had
 */
export async function spawnExecutor(
  { env, program }: Pick<CommandContext, 'env' | 'program'>,
  stateDir: string,
): Promise<SpawnedExecutor> {
  const logPath = join(stateDir, 'executor.log');
  const log = openLog(stateDir, logPath);
  const options = ['--port', '0', '--idle-exit', String(IDLE_EXIT_SECONDS), '--state-dir', stateDir];
  const args = [...program.nodeOptions, program.script, 'serve', '--on-demand', ...options];
  const child = spawn(program.node, args, {
    // It must not keep anyone's folder busy.
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: executorEnvironment(env),
  });
  let exit: SpawnedExecutor['exit'];
  child.on('exit', (code, signal) => {
    exit = { isInUse: code === IN_USE_EXIT_CODE, description: signal ?? `exit code ${code}` };
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError('startFailed', `The executor cannot be started: ${reason}`, undefined, {
      cause: error,
    });
  } finally {
    closeSync(log);
  }
  child.unref();
  return {
    get exit() {
      return exit;
    },
    logTail: () => readTail(logPath),
  };
}

/** Makes the folder that an executor keeps everything in. @throws CommandError `startFailed` */
export function makeStateDirectory(stateDir: string): void {
  attempt(stateDir, () => {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    accessSync(stateDir, constants.W_OK);
  });
}

/** Opens the log anew. Should others start one at the same time they share it, so each line is appended. */
function openLog(stateDir: string, path: string): number {
  return attempt(stateDir, () => {
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
    const log = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    fchmodSync(log, 0o600);
    ftruncateSync(log);
    return log;
  });
}

function attempt<T>(stateDir: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const mend = 'Name a folder of your own with CC_EXECUTOR_STATE_DIR';
    throw new CommandError('startFailed', `The state directory ${stateDir} cannot be used: ${reason}`, mend, {
      cause: error,
    });
  }
}

function readTail(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    return lines.slice(-TAIL_LINES).map(oneLine).join(' | ');
  } catch {
    return '';
  }
}

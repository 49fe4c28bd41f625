import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { CommandContext } from './command-context.ts';

type Surroundings = Pick<CommandContext, 'env' | 'cwd'>;

/** A Unix socket's path must fit into 108 bytes; this leaves room on every system. */
const MAX_SOCKET_PATH_BYTES = 100;

/** A variable of the environment; an empty one counts as not set. */
export function environmentValue(env: Surroundings['env'], name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** The state directory: `CC_EXECUTOR_STATE_DIR`, or where the XDG rules put it. */
export function stateDirectory({ env, cwd }: Surroundings, flag?: string): string {
  const named = flag ?? environmentValue(env, 'CC_EXECUTOR_STATE_DIR');
  if (named !== undefined) return resolve(cwd, named);
  return join(xdgFolder(env, 'XDG_STATE_HOME', '.local/state'), 'cc-executor');
}

/** Where the config file is looked for unless one is named. */
export function defaultConfigFile(env: Surroundings['env']): string {
  return join(xdgFolder(env, 'XDG_CONFIG_HOME', '.config'), 'cc-executor', 'config.json');
}

/** The executor's Unix socket, or undefined where its path would be too long for one. */
export function defaultSocketPath(stateDir: string): string | undefined {
  const path = join(stateDir, 'executor.sock');
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES ? path : undefined;
}

function xdgFolder(env: Surroundings['env'], name: string, fallback: string): string {
  const folder = environmentValue(env, name);
  // The XDG rules say to ignore relative paths.
  if (folder !== undefined && isAbsolute(folder)) return folder;
  return join(environmentValue(env, 'HOME') ?? homedir(), fallback);
}

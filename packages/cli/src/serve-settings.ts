import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  defaultSettings,
  type ConfigFile,
  type ContainmentSetting,
  type ExecutorSettings,
} from '@cc-executor/executor';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-errors.ts';
import { readConfigFile } from './config-file.ts';
import { defaultConfigFile, defaultSocketPath, stateDirectory } from './default-paths.ts';
import { readEnvironment, type EnvironmentSettings, type LogLevel } from './environment-settings.ts';
import { isMarker } from './executor-environment.ts';
import { isLoopback } from './is-loopback.ts';

/** What the flags of `serve` say. */
export interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly stateDir?: string;
  readonly config?: string;
  readonly auth?: 'token' | 'none';
  readonly containment?: ContainmentSetting;
  readonly logLevel?: LogLevel;
  readonly idleExitMs?: number;
}

/**
 * Works out what an executor is set up with: flags beat the environment, that beats the config file, that
 * beats the defaults. Only allowed commands add up, so that a line in the file always helps.
 *
 * @throws CommandError `settings`
 */
export async function resolveServeSettings(
  flags: ServeFlags,
  context: Pick<CommandContext, 'env' | 'cwd'>,
  version: string,
): Promise<{ settings: ExecutorSettings; logLevel: LogLevel }> {
  const { env, cwd } = context;
  const environment = readEnvironment(env);
  const policyFile = flags.config === undefined ? defaultConfigFile(env) : resolve(cwd, flags.config);
  const file = await readConfigFile(policyFile, { mustExist: flags.config !== undefined });
  const stateDir = stateDirectory(context, flags.stateDir);
  const host = flags.host ?? file.host ?? defaultSettings.host;
  const auth = flags.auth ?? file.auth ?? 'token';
  const allowedHosts = file.allowedHosts ?? [];
  checkExposure(host, auth, allowedHosts, policyFile);
  const socket = flags.socket ?? file.socket;
  const timeoutSeconds = environment.CC_EXECUTOR_DEFAULT_TIMEOUT ?? file.defaultTimeout;
  const timeoutMs = timeoutSeconds === undefined ? undefined : toMs(timeoutSeconds);
  const settings: ExecutorSettings = {
    version,
    host,
    port: flags.port ?? file.port ?? defaultSettings.port,
    socketPath: socket === undefined ? defaultSocketPath(stateDir) : resolve(cwd, socket),
    stateDir,
    token: auth === 'none' ? undefined : (environment.CC_EXECUTOR_TOKEN ?? newToken()),
    allowedHosts,
    claudePath: environment.CC_EXECUTOR_CLAUDE_PATH ?? file.claudePath,
    commandTimeoutMs: timeoutMs ?? defaultSettings.commandTimeoutMs,
    claudeTimeoutMs: timeoutMs ?? defaultSettings.claudeTimeoutMs,
    startTimeoutMs: orDefault(file.startTimeout, defaultSettings.startTimeoutMs),
    containment:
      flags.containment ??
      environment.CC_EXECUTOR_CONTAINMENT ??
      file.containment ??
      defaultSettings.containment,
    limits: file.limits ?? defaultSettings.limits,
    lanes: { ...defaultSettings.lanes, ...file.lanes },
    claudeStarts: file.claudeStarts ?? availableParallelism(),
    maxLiveJobs: file.maxLiveJobs ?? defaultSettings.maxLiveJobs,
    maxStartsPerSecond: file.maxStartsPerSecond ?? defaultSettings.maxStartsPerSecond,
    maxEndedJobs: file.maxEndedJobs ?? defaultSettings.maxEndedJobs,
    maxStoredBytes: file.maxStoredBytes ?? defaultSettings.maxStoredBytes,
    maxOutputBytes: file.maxOutputBytes ?? defaultSettings.maxOutputBytes,
    maxEndedAgeMs: orDefault(file.maxEndedAge, defaultSettings.maxEndedAgeMs),
    maxLogMemoryBytes: file.maxLogMemoryBytes ?? defaultSettings.maxLogMemoryBytes,
    stallTimeoutMs: orDefault(file.stallTimeout, defaultSettings.stallTimeoutMs),
    policy: addAllowedCommands(file.policy, environment),
    policyFile,
    cwd,
    environment: Object.fromEntries(Object.entries(env).filter(([name]) => !isMarker(name))),
    idleExitMs: flags.idleExitMs,
  };
  return { settings, logLevel: flags.logLevel ?? environment.CC_EXECUTOR_LOG_LEVEL ?? 'info' };
}

function orDefault(seconds: number | undefined, defaultMs: number): number {
  return seconds === undefined ? defaultMs : toMs(seconds);
}

/** The policy in force: that of the file, and the commands that the environment allows besides. */
export function addAllowedCommands(
  policy: ConfigFile['policy'],
  environment: EnvironmentSettings,
): ConfigFile['policy'] {
  const more = environment.CC_EXECUTOR_ALLOWED_COMMANDS ?? environment.ALLOWED_COMMANDS ?? [];
  return more.length === 0 ? policy : { ...policy, allow: [...policy.allow, ...more] };
}

/** @throws CommandError unless who can reach the executor must also know its token. */
function checkExposure(host: string, auth: string, allowedHosts: readonly string[], file: string): void {
  if (isLoopback(host)) return;
  if (auth === 'none') {
    const message = `Refusing to listen on ${host} without a token: anyone who reaches it could run commands`;
    throw new CommandError('settings', message, 'Leave out --auth none, or listen on 127.0.0.1');
  }
  if (allowedHosts.length > 0) return;
  throw new CommandError(
    'settings',
    `Refusing to listen on ${host}: no name is listed under which it may be reached`,
    `List the Host header values of your clients as "allowedHosts" in ${file}`,
  );
}

function toMs(seconds: number): number {
  return Math.max(1, Math.round(seconds * 1000));
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

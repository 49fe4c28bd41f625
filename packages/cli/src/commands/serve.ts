import { ContainmentSetting, openExecutor, type Executor } from '@cc-executor/executor';
import { pino } from 'pino';
import type { Command, CommandContext } from '../command-context.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { LogLevel } from '../environment-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { logDestination } from '../log-lines.ts';
import { IN_USE_EXIT_CODE } from '../on-demand.ts';
import { parseOptions, secondsToMs } from '../parse-options.ts';
import { explainServeFailure } from '../serve-failure.ts';
import { resolveServeSettings, type ServeFlags } from '../serve-settings.ts';
import { stopSignal, untilAborted } from '../stop-signal.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

const options = {
  host: { type: 'string' },
  port: { type: 'string' },
  socket: { type: 'string' },
  'state-dir': { type: 'string' },
  config: { type: 'string' },
  auth: { type: 'string' },
  containment: { type: 'string' },
  'log-level': { type: 'string' },
  'idle-exit': { type: 'string' },
  // For executors that were started on demand; see on-demand.ts.
  'on-demand': { type: 'boolean' },
} as const;

/** Runs an executor until it is stopped. */
export const serve: Command = {
  usage: `Usage: cc-executor serve [options]

Runs an executor. When it is ready it prints one JSON line: {"url","socket","stateDir","pid"}.
The log goes to stderr. SIGINT or SIGTERM end it and all its jobs; a second one ends it at once.

  --host ADDRESS       where to listen (127.0.0.1)
  --port PORT          0 picks a free one (8004)
  --socket PATH        Unix socket (executor.sock in the state directory)
  --state-dir DIR      where it keeps everything (~/.local/state/cc-executor)
  --config FILE        settings and policy (~/.config/cc-executor/config.json)
  --auth token|none    whether clients need the token (token)
  --containment MODE   prefer, require or portable: whether jobs run in pid namespaces (prefer)
  --log-level LEVEL    fatal, error, warn, info, debug, trace or silent (info)
  --idle-exit SECONDS  end after so long without jobs and clients (never)

Flags beat the environment, which beats the config file. The environment: CC_EXECUTOR_TOKEN,
CC_EXECUTOR_STATE_DIR, CC_EXECUTOR_DEFAULT_TIMEOUT (seconds), CC_EXECUTOR_ALLOWED_COMMANDS (a comma list,
besides those of the file), CC_EXECUTOR_CLAUDE_PATH, CC_EXECUTOR_CONTAINMENT, CC_EXECUTOR_LOG_LEVEL.`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    if (positionals.length > 0) throw new UsageError(`serve takes no '${positionals[0]}'`);
    const flags: ServeFlags = {
      ...(values.host !== undefined && { host: values.host }),
      ...(values.port !== undefined && { port: toPort(values.port) }),
      ...(values.socket !== undefined && { socket: values.socket }),
      ...(values['state-dir'] !== undefined && { stateDir: values['state-dir'] }),
      ...(values.config !== undefined && { config: values.config }),
      ...(values.auth !== undefined && { auth: toAuth(values.auth) }),
      ...(values.containment !== undefined && { containment: toContainment(values.containment) }),
      ...(values['log-level'] !== undefined && { logLevel: toLogLevel(values['log-level']) }),
      ...(values['idle-exit'] !== undefined && {
        idleExitMs: secondsToMs('--idle-exit', values['idle-exit']),
      }),
    };
    try {
      return await serveUntilStopped(flags, context);
    } catch (error) {
      const isInUse = error instanceof CommandError && error.code === 'inUse';
      if (values['on-demand'] === true && isInUse) return IN_USE_EXIT_CODE;
      throw error;
    }
  },
};

async function serveUntilStopped(flags: ServeFlags, context: CommandContext): Promise<number> {
  const { settings, logLevel } = await resolveServeSettings(flags, context, readVersion());
  const logger = pino({ level: logLevel }, logDestination(context.stderr));
  // Listening begins before the executor does, so that no signal can end it half built.
  using stopping = stopSignal(context.signals);
  let executor: Executor;
  try {
    executor = await openExecutor(settings, logger);
  } catch (error) {
    throw await explainServeFailure(error, settings);
  }
  try {
    const { url, socket, pid } = executor.info;
    const { stateDir, policyFile } = settings;
    logger.info({ url, socket, stateDir, policyFile, ...executor.containment }, 'ready');
    const line = JSON.stringify({ url, socket, stateDir, pid });
    // Whoever started us may have gone without reading it.
    await writeOut(context.stdout, `${line}\n`).catch(() => undefined);
    await Promise.race([untilAborted(stopping.signal), executor.stopRequested]);
    logger.info('stopping');
  } finally {
    await executor[Symbol.asyncDispose]();
  }
  logger.info('stopped');
  return exitCodes.succeeded;
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new UsageError(`--port takes a number from 0 to 65535, not '${text}'`);
  return port;
}

function toAuth(text: string): 'token' | 'none' {
  if (text === 'token' || text === 'none') return text;
  throw new UsageError(`--auth takes token or none, not '${text}'`);
}

function toContainment(text: string): ContainmentSetting {
  const parsed = ContainmentSetting.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--containment takes one of ${ContainmentSetting.options.join(', ')}, not '${text}'`);
}

function toLogLevel(text: string): LogLevel {
  const parsed = LogLevel.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--log-level takes one of ${LogLevel.options.join(', ')}, not '${text}'`);
}

import { RpcError } from '@cc-executor/protocol';
import { readRuntimeFile, type RuntimeInfo } from '@cc-executor/executor';
import { ClientError, type ExecutorClient } from '@cc-executor/client';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-errors.ts';
import { environmentValue, stateDirectory } from './default-paths.ts';
import { openClient, type ExecutorAddress, type OpenClientOptions } from './open-client.ts';

/** How long an executor may take to answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Where to look for an executor. */
export interface FindOptions extends Pick<OpenClientOptions, 'version' | 'reconnect' | 'signal'> {
  /** Beats `CC_EXECUTOR_WEBSOCKET_URL`. */
  readonly url?: string | undefined;
}

/**
 * Connects to the executor whose URL was named, if one was.
 *
 * @returns undefined when no URL is named
 * @throws CommandError `noExecutor` when it does not answer: another one is never started in its place.
 */
export async function connectNamedExecutor(
  { env }: Pick<CommandContext, 'env'>,
  options: FindOptions,
): Promise<ExecutorClient | undefined> {
  const url = options.url ?? environmentValue(env, 'CC_EXECUTOR_WEBSOCKET_URL');
  if (url === undefined) return undefined;
  const address = { where: { url }, token: environmentValue(env, 'CC_EXECUTOR_TOKEN') };
  try {
    return await openClient(address, { ...options, timeoutMs: CONNECT_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const mend = mendOf(
      error,
      options.url === undefined ? 'unset CC_EXECUTOR_WEBSOCKET_URL' : 'leave out --url',
    );
    throw new CommandError('noExecutor', `No executor at ${url}: ${error.message}`, mend, { cause: error });
  }
}

/** @param away how to get rid of the URL */
function mendOf(error: ClientError, away: string): string {
  if (error.code === 'unauthorized') return 'Set CC_EXECUTOR_TOKEN to the token in its executor.json';
  if (error.code === 'handshakeRefused') {
    return `See whether it is the url that \`cc-executor serve\` printed, which ends in /ws; or ${away}`;
  }
  return `Start it, or ${away} to use one of your own`;
}

/**
 * Connects to an executor by what its runtime file says, by the Unix socket if it has one.
 *
 * @returns undefined when nothing answers there: the file may outlive its executor
 * @throws RpcError when one answers and will not talk to us, such as `unsupportedVersion`
 */
export async function connectByRuntimeInfo(
  info: RuntimeInfo,
  options: FindOptions,
): Promise<ExecutorClient | undefined> {
  const token = info.token ?? undefined;
  const addresses: ExecutorAddress[] = [
    ...(info.socket === null ? [] : [{ where: { socket: info.socket }, token }]),
    { where: { url: info.url }, token },
  ];
  for (const address of addresses) {
    try {
      return await openClient(address, { ...options, timeoutMs: CONNECT_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof RpcError || options.signal?.aborted === true) throw error;
    }
  }
  return undefined;
}

/**
 * Connects to the executor that runs; never starts one.
 *
 * @throws CommandError `noExecutor`
 */
export async function findExecutor(context: CommandContext, options: FindOptions): Promise<ExecutorClient> {
  const named = await connectNamedExecutor(context, options);
  if (named !== undefined) return named;
  const stateDir = stateDirectory(context);
  const info = await readRuntimeFile(stateDir);
  const client = info === undefined ? undefined : await connectByRuntimeInfo(info, options);
  if (client !== undefined) return client;
  throw new CommandError(
    'noExecutor',
    `No executor is running with the state directory ${stateDir}`,
    'Start one with `cc-executor serve`, or run something: `cc-executor run` starts one by itself',
  );
}

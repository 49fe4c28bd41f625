import type { Readable, Writable } from 'node:stream';
import type { ExecutorClient } from '@cc-executor/client';
import { ExecutorLink } from './executor-link.ts';
import { instructions } from './instructions.ts';
import { serveMcp, stdioTransport } from './sdk-adapter.ts';
import { allTools } from './tools/all-tools.ts';

/** What the bridge is given by whoever runs it. */
export interface StdioBridgeOptions {
  /**
   * Finds or starts an executor and connects to it with `reconnect: false`. Called at the first tool call and after
   * each loss, since the executor that comes next may be at another address.
   */
  readonly connect: (signal: AbortSignal) => Promise<ExecutorClient>;
  readonly stdin: Readable;
  /** Carries MCP and nothing else. */
  readonly stdout: Writable;
  /** Where jobs work unless they are told. Absolute. */
  readonly cwd: string;
  readonly version: string;
  /** Takes lines for people, without line ends. @default nothing is logged */
  readonly log?: (line: string) => void;
  /** Aborting ends the bridge. */
  readonly signal?: AbortSignal;
}

/**
 * Serves MCP until stdin ends, stdout breaks or the signal aborts. Jobs that calls have started go on: they
 * belong to the executor.
 */
export async function runStdioBridge(options: StdioBridgeOptions): Promise<void> {
  const { connect, stdin, stdout, cwd, version, signal, log = () => undefined } = options;
  const over = endOf(stdin, stdout, signal);
  await using link = new ExecutorLink(connect, log);
  await using _server = await serveMcp(stdioTransport(stdin, stdout), {
    name: 'cc_executor',
    version,
    instructions,
    tools: allTools({ link, cwd, log }),
    log,
  });
  log(`bridge ends: ${await over}`);
}

/** Resolves with why there is nobody to serve any more: the SDK's transport notices none of these. */
function endOf(stdin: Readable, stdout: Writable, signal: AbortSignal | undefined): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const onInputEnd = (): void => resolve('stdin ended');
  stdin.once('end', onInputEnd).once('close', onInputEnd);
  // Stays: a second EPIPE without a listener would be an uncaught error.
  stdout.on('error', () => resolve('stdout broke'));
  stdout.once('close', () => resolve('stdout closed'));
  const onAbort = (): void => resolve('told to stop');
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return promise;
}

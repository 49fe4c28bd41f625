import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorClient } from '@cc-executor/client';
import type { Command } from '../command-context.ts';
import { UsageError } from '../command-errors.ts';
import { environmentValue } from '../default-paths.ts';
import { exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { isRunning } from '../is-running.ts';
import { parseOptions } from '../parse-options.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

/** How long an executor may take to end its jobs and itself, in milliseconds. */
const STOP_TIMEOUT_MS = 30_000;

/** Ends the executor and its jobs. */
export const stop: Command = {
  usage: `Usage: cc-executor stop

Cancels all jobs, ends the executor and waits until it is gone.`,

  async run(args, context) {
    const { positionals } = parseOptions(args, {});
    if (positionals.length > 0) {
      throw new UsageError(`stop ends the executor and takes no '${positionals[0]}'; to end a job: cancel`);
    }
    await using client = await findExecutor(context, { version: readVersion() });
    const { pid } = await client.call('executor/status', {});
    const { liveJobs } = await client.call('executor/stop', {});
    // Behind a URL it may be on another machine, where its pid means nothing to us.
    const isOurs = environmentValue(context.env, 'CC_EXECUTOR_WEBSOCKET_URL') === undefined;
    const isGone = await untilGone(client, isOurs ? pid : undefined);
    const jobs = liveJobs === 0 ? '' : `, ${liveJobs} ${liveJobs === 1 ? 'job' : 'jobs'} cancelled`;
    await writeOut(context.stdout, isGone ? `stopped${jobs}\n` : `stopping (pid ${pid})${jobs}\n`);
    return isGone ? exitCodes.succeeded : exitCodes.failed;
  },
};

/** Its socket closes before it has let go of the state directory, so its process is watched as well. */
async function untilGone(client: ExecutorClient, pid: number | undefined): Promise<boolean> {
  const deadline = AbortSignal.timeout(STOP_TIMEOUT_MS);
  const expired = Promise.withResolvers<'expired'>();
  deadline.addEventListener('abort', () => expired.resolve('expired'), { once: true });
  if ((await Promise.race([client.closed, expired.promise])) === 'expired') return false;
  if (pid === undefined) return true;
  while (isRunning(pid)) {
    if (deadline.aborted) return false;
    await sleep(20);
  }
  return true;
}

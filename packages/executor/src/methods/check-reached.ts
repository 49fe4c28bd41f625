import { RpcError } from '@cc-executor/protocol';
import type { ReadableLog } from '../output/readable-log.ts';

/**
 * Checks that a place lies in the log of a job.
 *
 * @throws RpcError `beyondEnd`: it is from another job, or from before a crash that cut the log
 */
export function checkReached(
  jobId: string,
  { lastSeq, outputBytes }: ReadableLog,
  place: { readonly afterSeq?: number | undefined; readonly offset?: number | undefined },
): void {
  const { afterSeq = 0, offset = 0 } = place;
  if (afterSeq <= lastSeq && offset <= outputBytes) return;
  const wanted = afterSeq > lastSeq ? `entry ${afterSeq}` : `byte ${offset}`;
  const message = `The log of ${jobId} ends at entry ${lastSeq} and byte ${outputBytes}: ${wanted} is not in it`;
  throw new RpcError('beyondEnd', message, { jobId, lastSeq, outputBytes });
}

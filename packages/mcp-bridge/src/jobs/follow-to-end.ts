import { setTimeout as delay } from 'node:timers/promises';
import { isClientError } from '@cc-executor/client';
import type { MethodInput } from '@cc-executor/protocol';
import type { BridgeServices } from '../bridge-services.ts';
import type { JobObserver } from './job-observer.ts';

/** How often a broken connection is made again within one call. */
const MAX_LOSSES = 5;

/** What to start and for how long to stay with it. */
export interface FollowToEndOptions {
  readonly params: MethodInput<'job/start'> & { readonly jobId: string };
  /** How long to follow the job once it is started, in milliseconds. */
  readonly waitMs: number;
  readonly observer: JobObserver;
  /** Aborts when the call is stopped. */
  readonly signal: AbortSignal;
}

/**
 * Starts a job and follows it to its end, over a new connection when the old one breaks.
 *
 * @returns `ended`, or `waiting` when the time is over and the job goes on
 * @throws the reason of `signal`; RpcError; ClientError
 */
export async function followToEnd(
  { link, log }: BridgeServices,
  { params, waitMs, observer, signal }: FollowToEndOptions,
): Promise<'ended' | 'waiting'> {
  const { jobId } = params;
  const deadline = new AbortController();
  using _timer = disposableTimer(() => deadline.abort(), waitMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  let lastSeq = 0;
  let isStarted = false;
  for (let losses = 0; ; losses++) {
    try {
      // The job id makes starting safe to repeat, so a call that is stopped meanwhile knows what to cancel.
      const client = await link.client(isStarted ? either : signal);
      const entries = isStarted
        ? client.follow(jobId, { afterSeq: lastSeq, signal: either })
        : (await client.startJob(params)).entries({ signal: either });
      isStarted = true;
      for await (const entry of entries) {
        lastSeq = entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
        observer.take(entry);
        if (entry.type === 'closed') return 'ended';
      }
      return 'ended';
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.signal.aborted && isStarted) return 'waiting';
      if (!isLoss(error, isStarted) || losses === MAX_LOSSES) throw error;
      log(`${jobId}: connection lost after entry ${lastSeq}, following again`);
      await delay(100 * (losses + 1), undefined, { signal });
    }
  }
}

/** Once the job runs, an executor that cannot be reached for a moment is a loss like any other. */
function isLoss(error: unknown, isStarted: boolean): boolean {
  return isClientError(error, 'connectionLost') || (isStarted && isClientError(error, 'connectFailed'));
}

function disposableTimer(onTime: () => void, delayMs: number): Disposable {
  const timer = setTimeout(onTime, delayMs);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

import type { AttachOptions, LogEntry } from '@cc-executor/protocol';
import { ClientError, isClientError } from './client-error.ts';
import type { Follower } from './follower.ts';
import type { Followers } from './followers.ts';
import { seqOf } from './log-place.ts';

/** Raw bytes of output that may be on their way to a consumer, unless asked otherwise. */
const DEFAULT_CREDIT_BYTES = 1024 * 1024;

/** How to follow a job. */
export interface FollowOptions {
  /** Go on after this entry. @default 0, the beginning */
  readonly afterSeq?: number;
  /** Raw bytes of output up to there, when known: it makes the `lostBytes` of a first gap exact. */
  readonly afterOffset?: number;
  /** @default utf8 */
  readonly encoding?: AttachOptions['encoding'] | undefined;
  /** Raw bytes of output that may be on their way, 1 to 64 MiB. @default 1 MiB */
  readonly creditBytes?: number | undefined;
  /** @default `output` for commands, `event` for Claude jobs */
  readonly include?: AttachOptions['include'];
  /** Aborting ends the iteration with the signal's reason; the job goes on. */
  readonly signal?: AbortSignal;
}

/** Options of `job/attach`, with what was left out filled in where the client needs to know it. */
export function attachOptions({
  creditBytes = DEFAULT_CREDIT_BYTES,
  encoding = 'utf8',
  include,
}: {
  readonly [K in keyof AttachOptions]?: AttachOptions[K] | undefined;
}): AttachOptions {
  return { creditBytes, encoding, ...(include === undefined ? {} : { include }) };
}

/**
 * The entries of a job in order, each once, up to and with `closed`; over new connections when they get lost.
 *
 * Credit is granted when the consumer comes back for the next entry, so at most a window of output waits in
 * memory. When other entries pile up, or the executor gives up on a consumer that stays away, it goes on from the
 * log once what waits is consumed. Leaving the loop detaches.
 *
 * @param open Called with the first step. @param signal see `FollowOptions`
 */
export async function* followJob(
  followers: Followers,
  open: () => Follower,
  { afterSeq = 0, signal }: Pick<FollowOptions, 'afterSeq' | 'signal'>,
): AsyncGenerator<LogEntry, void, undefined> {
  const follower = open();
  let lastSeq = afterSeq;
  try {
    for (;;) {
      const entries = follower.takeAll();
      for (const entry of entries) {
        signal?.throwIfAborted();
        lastSeq = seqOf(entry);
        yield entry;
        if (entry.type === 'closed') return;
        follower.consumed(entry);
      }
      if (entries.length > 0) continue;
      if (follower.failure !== undefined) throw follower.failure;
      await follower.attach(signal);
      await follower.changed(signal);
    }
  } catch (error) {
    throw withLastSeq(error, lastSeq);
  } finally {
    await follower.leave();
    followers.remove(follower);
  }
}

/** Tells the caller what was the last that came before a connection was lost for good. */
function withLastSeq(error: unknown, lastSeq: number): unknown {
  if (!isClientError(error, 'connectionLost')) return error;
  return new ClientError('connectionLost', error.message, { ...error.data, lastSeq }, { cause: error });
}

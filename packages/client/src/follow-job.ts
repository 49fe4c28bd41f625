import {
  RpcError,
  type AttachOptions,
  type LogEntry,
  type MethodInput,
  type MethodName,
  type MethodResult,
} from '@cc-executor/protocol';
import { ClientError, isClientError } from './client-error.ts';
import { CreditWindow } from './credit-window.ts';
import type { EntryInbox } from './entry-inbox.ts';

/** Raw bytes of output that may be on their way to a consumer, unless asked otherwise. */
const DEFAULT_CREDIT_BYTES = 1024 * 1024;
/** How long detaching may take before it is left to the executor, in milliseconds. */
const DETACH_TIMEOUT_MS = 2_000;

/** How to follow a job. */
export interface FollowOptions {
  /** Go on after this entry. @default 0, the beginning */
  readonly afterSeq?: number;
  /** @default utf8 */
  readonly encoding?: AttachOptions['encoding'] | undefined;
  /** Raw bytes of output that may be on their way, 1 to 64 MiB. @default 1 MiB */
  readonly creditBytes?: number | undefined;
  /** @default `output` for commands, `event` for Claude jobs */
  readonly include?: AttachOptions['include'];
  /** Aborting ends the iteration with the signal's reason; the job goes on. */
  readonly signal?: AbortSignal;
}

/** The connection as a follower sees it. */
export interface FollowPort {
  call<M extends MethodName>(
    method: M,
    params: MethodInput<M>,
    signal?: AbortSignal,
  ): Promise<MethodResult<M>>;
  notify<M extends MethodName>(method: M, params: MethodInput<M>): void;
  openInbox(jobId: string): EntryInbox;
  closeInbox(jobId: string): void;
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
 * The entries of a job in order, up to and with `closed`.
 *
 * Credit is granted when the consumer comes back for the next entry, so at most a window of output waits in
 * memory. When other entries pile up, it detaches, and goes on from the log once they are consumed. Leaving
 * the loop detaches.
 *
 * @param opened An inbox whose attachment exists already; otherwise the first step attaches.
 */
export async function* followJob(
  port: FollowPort,
  jobId: string,
  options: FollowOptions,
  opened?: EntryInbox,
): AsyncGenerator<LogEntry, void, undefined> {
  const { signal } = options;
  const attach = attachOptions(options);
  const credit = new CreditWindow(attach.creditBytes);
  const inbox = opened ?? port.openInbox(jobId);
  let lastSeq = options.afterSeq ?? 0;
  let attachment: 'none' | 'attached' | 'over' = opened === undefined ? 'none' : 'attached';
  try {
    for (;;) {
      if (attachment === 'none') {
        // Set first: when the wait for the reply is aborted, the executor has attached us all the same.
        attachment = 'attached';
        await port.call('job/attach', { jobId, afterSeq: lastSeq, ...attach }, signal);
      }
      const entries = inbox.takeAll();
      for (const entry of entries) {
        signal?.throwIfAborted();
        const seq = entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
        // After an overflow the last entry may come once more.
        if (seq > lastSeq) {
          lastSeq = seq;
          if (entry.type === 'closed') attachment = 'over';
          yield entry;
          if (entry.type === 'closed') return;
        }
        const grantBytes = entry.type === 'output' ? credit.consume(entry.bytes) : 0;
        if (grantBytes > 0) port.notify('job/credit', { jobId, bytes: grantBytes });
      }
      if (entries.length > 0) continue;
      if (inbox.failure !== undefined) throw inbox.failure;
      if (inbox.isOverflowed) {
        await detach(port, jobId);
        attachment = 'none';
        inbox.reopen();
        credit.reset();
        continue;
      }
      await inbox.changed(signal);
    }
  } catch (error) {
    if (error instanceof RpcError) attachment = 'none';
    throw withLastSeq(error, lastSeq);
  } finally {
    if (attachment === 'attached' && inbox.failure === undefined) await detach(port, jobId);
    port.closeInbox(jobId);
  }
}

/** Detaching an ended job, or over a lost connection, is refused: the outcome is the same. */
async function detach(port: FollowPort, jobId: string): Promise<void> {
  const signal = AbortSignal.timeout(DETACH_TIMEOUT_MS);
  await port.call('job/detach', { jobId }, signal).catch(() => undefined);
}

/** Tells the caller where to go on after a lost connection. */
function withLastSeq(error: unknown, lastSeq: number): unknown {
  if (!isClientError(error, 'connectionLost')) return error;
  return new ClientError('connectionLost', error.message, { ...error.data, lastSeq }, { cause: error });
}

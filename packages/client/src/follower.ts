import {
  RpcError,
  type AttachOptions,
  type LogEntry,
  type MethodInput,
  type MethodResult,
} from '@cc-executor/protocol';
import { ClientError, isClientError } from './client-error.ts';
import type { ConnectionLine } from './connection-line.ts';
import type { Connection } from './connection.ts';
import { CreditWindow } from './credit-window.ts';
import { EntryInbox } from './entry-inbox.ts';
import type { JobHolds } from './job-holds.ts';
import { orAborted } from './or-aborted.ts';
import { pause } from './pause.ts';

/** How long detaching may take before it is left to the executor, in milliseconds. */
const DETACH_TIMEOUT_MS = 2_000;

/** What a follower stands on. */
interface FollowerServices {
  readonly line: ConnectionLine;
  readonly holds: JobHolds;
  /** Where to go on. @default 0, the beginning */
  readonly afterSeq?: number | undefined;
}

/** The last entry that is known once this one is. */
function seqOf(entry: LogEntry): number {
  return entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
}

/**
 * One job's entries on their way to a consumer, each once and in order, over as many connections as it takes.
 *
 * A new connection is attached to at once and not when the consumer comes back, because the job may be cancelled
 * when nobody is attached. Credit on it is what is left of the window: what still waits here counts.
 */
export class Follower {
  readonly jobId: string;
  readonly #line: ConnectionLine;
  readonly #holds: JobHolds;
  readonly #options: AttachOptions;
  readonly #inbox = new EntryInbox();
  readonly #credit: CreditWindow;
  /** The last entry that was taken in. */
  #lastSeq: number;
  /** Raw bytes of output that were taken in and not consumed. */
  #waitingBytes = 0;
  /** Consumed while an attachment was being made; granted once it is there. */
  #ungrantedBytes = 0;
  /** Over which connection entries come. */
  #attachedTo: Connection | undefined;
  /** Over which connection a request to attach was sent last. */
  #askedOver: Connection | undefined;
  /** `kept` is attached again over each new connection; `over` never again. */
  #phase: 'idle' | 'kept' | 'over' = 'idle';
  #wasAttached = false;
  #hasLeft = false;

  constructor(jobId: string, options: AttachOptions, { line, holds, afterSeq = 0 }: FollowerServices) {
    this.jobId = jobId;
    this.#line = line;
    this.#holds = holds;
    this.#options = options;
    this.#lastSeq = afterSeq;
    this.#credit = new CreditWindow(options.creditBytes);
  }

  /** Why no more entries come, once that is so. */
  get failure(): Error | undefined {
    return this.#inbox.failure;
  }

  /** Takes an entry from a connection. One that was taken before is passed over. */
  take(entry: LogEntry, frameChars: number): void {
    if (this.#inbox.isOverflowed || this.failure !== undefined) return;
    const seq = seqOf(entry);
    if (seq <= this.#lastSeq) {
      this.#giveBack(entry);
      return;
    }
    if (!this.#inbox.push(entry, frameChars)) {
      if (this.#attachedTo !== undefined) this.#makeRoom(this.#attachedTo);
      return;
    }
    this.#lastSeq = seq;
    if (entry.type === 'output') this.#waitingBytes += entry.bytes;
    if (entry.type !== 'closed') return;
    this.#phase = 'over';
    this.#askedOver = undefined;
    this.#holds.forget(this.jobId);
  }

  /** All that waits now, in order. */
  takeAll(): LogEntry[] {
    return this.#inbox.takeAll();
  }

  /** Resolves when there is an entry, an overflow or a failure; rejects with the signal's reason. */
  changed(signal?: AbortSignal): Promise<void> {
    return this.#inbox.changed(signal);
  }

  /** The consumer is done with an entry. */
  consumed(entry: LogEntry): void {
    if (entry.type === 'output') this.#waitingBytes -= entry.bytes;
    this.#giveBack(entry);
  }

  /** Nothing more comes; what has come can still be taken. */
  fail(error: Error): void {
    this.#phase = 'over';
    this.#inbox.fail(error);
  }

  /**
   * Attaches, unless that is done: at the beginning, and after entries had piled up, once they are consumed.
   *
   * @throws RpcError `unknownJob`; ClientError `otherExecutor` and as `ExecutorClient.call`
   */
  async attach(signal?: AbortSignal): Promise<void> {
    if (this.#phase !== 'idle') return;
    if (this.#inbox.isOverflowed) {
      await this.#detach();
      this.#inbox.reopen();
    }
    const operation = async (connection: Connection): Promise<void> => {
      // It may have been attached before the connection was lost: then it is resumed.
      if (this.#phase === 'idle') await this.#attachOver(connection);
    };
    // Aborting ends this wait only: the reply tells whether there is something to detach from.
    await orAborted(this.#line.use(true, operation), signal);
  }

  /** Starts the job, whose start attaches us to it. */
  async startOver(
    connection: Connection,
    params: MethodInput<'job/start'>,
  ): Promise<MethodResult<'job/start'>> {
    this.#askedOver = connection;
    const started = await connection.call('job/start', { ...params, attach: this.#options });
    this.#attached(connection);
    return started;
  }

  /** Attaches again, over a new connection, if it was attached. Never rejects. */
  async resume(connection: Connection): Promise<void> {
    while (this.#phase === 'kept') {
      try {
        await this.#attachOver(connection);
        return;
      } catch (error) {
        // The connection after this one resumes it.
        if (isClientError(error, 'connectionLost')) return;
        if (!isOverloaded(error)) {
          this.fail(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        await pause(error.data.retryAfterMs, this.#line.stopped).catch(() => undefined);
      }
    }
  }

  /** The consumer is gone. */
  async leave(): Promise<void> {
    this.#phase = 'over';
    this.#hasLeft = true;
    await this.#detach();
    void this.#holds.restore(this.jobId, this.#line.current);
  }

  async #attachOver(connection: Connection): Promise<void> {
    const { jobId } = this;
    const isAgain = this.#wasAttached;
    this.#attachedTo = undefined;
    await this.#holds.release(jobId, connection);
    const afterSeq = this.#lastSeq;
    const { creditBytes: windowBytes, ...options } = this.#options;
    const creditBytes = Math.max(0, windowBytes - this.#waitingBytes);
    this.#credit.reset();
    this.#ungrantedBytes = 0;
    // Set first: whoever leaves before the reply has to detach all the same.
    this.#askedOver = connection;
    try {
      const params = { jobId, afterSeq, creditBytes, ...options };
      const { state, lastSeq } = await connection.call('job/attach', params);
      this.#attached(connection);
      if (lastSeq > afterSeq) return;
      if (state.status === 'ended') await this.#takeEarlierEnd(connection, lastSeq);
      else if (isAgain && lastSeq < afterSeq) throw this.#otherExecutor();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#askedOver = undefined;
      throw isAgain && error.code === 'unknownJob' ? this.#otherExecutor(error) : error;
    }
  }

  #attached(connection: Connection): void {
    this.#wasAttached = true;
    this.#attachedTo = connection;
    if (this.#hasLeft) {
      // It left while this was on its way, and its detaching may have come before.
      connection.notify('job/detach', { jobId: this.jobId });
    } else if (this.#inbox.isOverflowed) {
      this.#makeRoom(connection);
    } else if (this.#phase === 'idle') {
      this.#phase = 'kept';
    }
    this.#grant(connection, this.#ungrantedBytes);
    this.#ungrantedBytes = 0;
  }

  /** After a crash a log may end before what we have seen of it; its end is at an entry that was another one then. */
  async #takeEarlierEnd(connection: Connection, lastSeq: number): Promise<void> {
    const params = { jobId: this.jobId, afterSeq: Math.max(0, lastSeq - 1), include: [] };
    const last = (await connection.call('job/read', params)).entries.at(-1);
    // A job that has ended and is not closed yet is followed as usual.
    if (last?.type !== 'closed' || last.seq > this.#lastSeq) return;
    this.#lastSeq = last.seq - 1;
    this.take(last, 0);
  }

  /** Entries have piled up: they come again from the log once those that wait are consumed. */
  #makeRoom(connection: Connection): void {
    this.#phase = 'idle';
    this.#attachedTo = undefined;
    connection.notify('job/detach', { jobId: this.jobId });
  }

  /** Grants again what an entry has taken of the credit. */
  #giveBack(entry: LogEntry): void {
    if (entry.type !== 'output') return;
    const bytes = this.#credit.consume(entry.bytes);
    if (this.#attachedTo === undefined) this.#ungrantedBytes += bytes;
    else this.#grant(this.#attachedTo, bytes);
  }

  #grant(connection: Connection, bytes: number): void {
    if (bytes > 0) connection.notify('job/credit', { jobId: this.jobId, bytes });
  }

  /** Detaching an ended job, or over a lost connection, is refused: the outcome is the same. */
  async #detach(): Promise<void> {
    const connection = this.#askedOver;
    this.#askedOver = undefined;
    this.#attachedTo = undefined;
    const signal = AbortSignal.timeout(DETACH_TIMEOUT_MS);
    await connection?.call('job/detach', { jobId: this.jobId }, signal).catch(() => undefined);
  }

  #otherExecutor(cause?: Error): ClientError<'otherExecutor'> {
    const { jobId } = this;
    const lastSeq = this.#lastSeq;
    const message = `The executor that answers now does not have ${jobId} as it was: all after entry ${lastSeq} is missing`;
    return new ClientError('otherExecutor', message, { jobId, lastSeq }, { cause });
  }
}

function isOverloaded(error: unknown): error is RpcError<'overloaded'> {
  return error instanceof RpcError && error.code === 'overloaded';
}

import {
  RpcError,
  type AttachOptions,
  type ErrorCode,
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
import { LogPlace, type LogPlaceOptions } from './log-place.ts';
import { orAborted } from './or-aborted.ts';
import { pause } from './pause.ts';

/** How long detaching may take before it is left to the executor, in milliseconds. */
const DETACH_TIMEOUT_MS = 2_000;

/** What a follower stands on. */
interface FollowerServices {
  readonly line: ConnectionLine;
  readonly holds: JobHolds;
  /** Where to go on. @default the beginning */
  readonly after?: Pick<LogPlaceOptions, 'afterSeq' | 'afterOffset'>;
}

/**
 * One job's entries on their way to a consumer, each once and in order, over as many connections as it takes.
 *
 * A new connection is attached to at once and not when the consumer comes back, because the job may be cancelled
 * when nobody is attached. Credit on it is what is left of the window: what still waits here counts.
 *
 * It is set aside when entries have piled up here, and when the executor has ended its attachment: it attaches again
 * when the consumer has taken what waits. Somebody else holds on to the job meanwhile.
 */
export class Follower {
  readonly jobId: string;
  readonly #line: ConnectionLine;
  readonly #holds: JobHolds;
  readonly #options: AttachOptions;
  readonly #inbox = new EntryInbox();
  readonly #window: CreditWindow;
  /** After the last entry that was taken in. */
  readonly #place: LogPlace;
  /** Consumed while an attachment was being made; granted once it is there. */
  #ungrantedBytes = 0;
  /** Over which connection entries come. */
  #attachedTo: Connection | undefined;
  /** Over which connection a request to attach was sent last. */
  #askedOver: Connection | undefined;
  /** From the request to attach on, since entries may come in one tick with its reply. */
  #isTaking = false;
  /** `kept` is attached again over each new connection; `over` never again. */
  #phase: 'idle' | 'kept' | 'over' = 'idle';
  #wasAttached = false;
  #hasLeft = false;

  constructor(jobId: string, options: AttachOptions, { line, holds, after }: FollowerServices) {
    this.jobId = jobId;
    this.#line = line;
    this.#holds = holds;
    this.#options = options;
    this.#window = new CreditWindow(options.creditBytes);
    const hasAllOutput = options.include?.includes('output') === true;
    this.#place = new LogPlace({ ...after, hasAllOutput });
  }

  /** Why no more entries come, once that is so. */
  get failure(): Error | undefined {
    return this.#inbox.failure;
  }

  /** Takes an entry from a connection. One that was taken before is passed over. */
  take(entry: LogEntry, frameChars: number): void {
    if (!this.#isTaking || this.failure !== undefined) return;
    const bytes = entry.type === 'output' ? entry.bytes : 0;
    if (this.#place.has(entry)) {
      this.#grant(this.#window.giveBack(bytes));
      return;
    }
    if (!this.#inbox.push(entry, frameChars)) {
      this.#isTaking = false;
      if (this.#attachedTo !== undefined) this.#setAside(this.#attachedTo);
      return;
    }
    this.#place.pass(entry);
    this.#window.take(bytes);
    if (entry.type !== 'closed') return;
    this.#phase = 'over';
    this.#isTaking = false;
    this.#askedOver = undefined;
    this.#holds.forget(this.jobId);
  }

  /**
   * The executor has ended the attachment, after nothing had gone over it for too long.
   *
   * @returns false when it was not this follower's
   */
  detached(): boolean {
    if (!this.#isTaking) return false;
    this.#isTaking = false;
    this.#askedOver = undefined;
    if (this.#attachedTo !== undefined) this.#setAside(this.#attachedTo);
    this.#inbox.wake();
    return true;
  }

  /** All that waits now, in order. */
  takeAll(): LogEntry[] {
    return this.#inbox.takeAll();
  }

  /** Resolves when there is an entry or a failure, or it has to attach again; rejects with the signal's reason. */
  async changed(signal?: AbortSignal): Promise<void> {
    if (!this.#isAside) await this.#inbox.changed(signal);
  }

  /** The consumer is done with an entry. */
  consumed(entry: LogEntry): void {
    if (entry.type === 'output') this.#grant(this.#window.consume(entry.bytes));
  }

  /** Nothing more comes; what has come can still be taken. */
  fail(error: Error): void {
    this.#phase = 'over';
    this.#inbox.fail(error);
  }

  /**
   * Attaches, unless that is done: at the beginning, and when it was set aside.
   *
   * @throws RpcError `unknownJob`, `beyondEnd`; ClientError `otherExecutor` and as `ExecutorClient.call`
   */
  async attach(signal?: AbortSignal): Promise<void> {
    if (this.#phase !== 'idle') return;
    if (this.#inbox.isOverflowed) {
      // Its reply tells that all has come that was sent before.
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
    this.#isTaking = true;
    const started = await connection.call('job/start', { ...params, attach: this.#options });
    this.#attached(connection);
    return started;
  }

  /** Attaches again, over a new connection, if it was attached. Never rejects. */
  async resume(connection: Connection): Promise<void> {
    if (this.#isAside) await this.#holds.standIn(this.jobId, connection);
    while (this.#phase === 'kept') {
      try {
        await this.#attachOver(connection);
        return;
      } catch (error) {
        // The connection after this one resumes it.
        if (isClientError(error, 'connectionLost')) return;
        if (!isRefusal(error, 'overloaded')) {
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
    void this.#holds.left(this.jobId, this.#line.current);
  }

  /** It was attached, and waits for the consumer to be so again. */
  get #isAside(): boolean {
    return this.#phase === 'idle' && this.#wasAttached;
  }

  async #attachOver(connection: Connection): Promise<void> {
    const { jobId } = this;
    const isAgain = this.#wasAttached;
    this.#attachedTo = undefined;
    await this.#holds.release(jobId, connection);
    const { afterSeq, afterOffset } = this.#place;
    const after = afterOffset === undefined ? { afterSeq } : { afterSeq, afterOffset };
    const creditBytes = this.#window.begin();
    this.#ungrantedBytes = 0;
    // Set first: whoever leaves before the reply has to detach all the same.
    this.#askedOver = connection;
    this.#isTaking = true;
    try {
      await connection.call('job/attach', { jobId, ...this.#options, ...after, creditBytes });
      this.#attached(connection);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#askedOver = undefined;
      this.#isTaking = false;
      const isBeyond = isRefusal(error, 'beyondEnd');
      if (isBeyond && (await this.#takeEarlierEnd(connection, error.data.lastSeq))) return;
      const isOther = isAgain && (isBeyond || error.code === 'unknownJob');
      throw isOther ? this.#otherExecutor(error) : error;
    }
  }

  #attached(connection: Connection): void {
    this.#wasAttached = true;
    this.#attachedTo = connection;
    if (this.#hasLeft) {
      // It left while this was on its way, and its detaching may have come before.
      connection.notify('job/detach', { jobId: this.jobId });
    } else if (this.#phase !== 'over') {
      this.#phase = 'kept';
      if (!this.#isTaking) this.#setAside(connection);
    }
    const bytes = this.#ungrantedBytes;
    this.#ungrantedBytes = 0;
    this.#grant(bytes);
  }

  /**
   * After a crash a log may end before what we have seen of it; its end is at an entry that was another one then.
   *
   * @returns false when the job has not ended
   */
  async #takeEarlierEnd(connection: Connection, lastSeq: number): Promise<boolean> {
    const params = { jobId: this.jobId, afterSeq: Math.max(0, lastSeq - 1), include: [] };
    const { entries, state } = await connection.call('job/read', params);
    if (state.status !== 'ended') return false;
    // One that has ended and is not closed yet is followed from there.
    this.#place.goBack(entries.at(-1)?.type === 'closed' ? lastSeq - 1 : lastSeq);
    await this.#attachOver(connection);
    return true;
  }

  /** Stays away until the consumer has taken what waits. After an overflow the entries come again from the log. */
  #setAside(connection: Connection): void {
    this.#phase = 'idle';
    this.#attachedTo = undefined;
    if (this.#inbox.isOverflowed) connection.notify('job/detach', { jobId: this.jobId });
    void this.#holds.standIn(this.jobId, connection);
  }

  /** Grants credit once there is an attachment. */
  #grant(bytes: number): void {
    if (bytes === 0) return;
    if (this.#attachedTo === undefined) this.#ungrantedBytes += bytes;
    else this.#attachedTo.notify('job/credit', { jobId: this.jobId, bytes });
  }

  /** Detaching an ended job, or over a lost connection, is refused: the outcome is the same. */
  async #detach(): Promise<void> {
    const connection = this.#askedOver;
    this.#askedOver = undefined;
    this.#attachedTo = undefined;
    this.#isTaking = false;
    const signal = AbortSignal.timeout(DETACH_TIMEOUT_MS);
    await connection?.call('job/detach', { jobId: this.jobId }, signal).catch(() => undefined);
  }

  #otherExecutor(cause: Error): ClientError<'otherExecutor'> {
    const { jobId } = this;
    const lastSeq = this.#place.afterSeq;
    const message = `The executor that answers now does not have ${jobId} as it was: all after entry ${lastSeq} is missing`;
    return new ClientError('otherExecutor', message, { jobId, lastSeq }, { cause });
  }
}

function isRefusal<C extends ErrorCode>(error: unknown, code: C): error is RpcError<C> {
  return error instanceof RpcError && error.code === code;
}

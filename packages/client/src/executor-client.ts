import type { LogEntry, MethodInput, MethodName, MethodResult } from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import { joinParts, type ConnectionParts } from './connection-parts.ts';
import { attachOptions, followJob, type FollowOptions, type FollowPort } from './follow-job.ts';
import type { Job } from './job.ts';
import { randomJobId } from './random-job-id.ts';
import { waitForJobs, type WaitOptions } from './wait-for-jobs.ts';
import type { Closing, WebSocketLike } from './web-socket-like.ts';

/** What can be done to a running job. */
export type ControlAction = 'pause' | 'resume' | 'interrupt' | 'cancel';

/** One connection to an executor. Disposing of it closes the socket; jobs go on by their `onDetach`. */
export class ExecutorClient implements AsyncDisposable {
  /** What the executor said about itself: limits, containment, version. */
  readonly info: MethodResult<'initialize'>;
  /** Resolves when the connection is over, whoever ended it; never rejects. */
  readonly closed: Promise<Closing>;
  readonly #parts: ConnectionParts;

  private constructor(parts: ConnectionParts, info: MethodResult<'initialize'>) {
    this.info = info;
    this.closed = parts.transport.closed;
    this.#parts = parts;
  }

  /**
   * Introduces this client over a socket that is being opened.
   *
   * @throws RpcError what the executor answered to `initialize`
   * @throws ClientError see `connectClient`
   */
  static async introduce(
    socket: WebSocketLike,
    params: MethodInput<'initialize'>,
    signal: AbortSignal,
  ): Promise<ExecutorClient> {
    const parts = joinParts(socket);
    const { transport, channel } = parts;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.race([transport.opened, aborted]);
      const info = await channel.call('initialize', params, signal);
      channel.limitFrames(info.limits.maxFrameBytes);
      return new ExecutorClient(parts, info);
    } catch (error) {
      // Not awaited: the caller learns of the failure now, and the socket is cut within a second.
      void transport[Symbol.asyncDispose]();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Sends a request. Aborting ends the wait for the reply, not what was asked for.
   *
   * @throws RpcError what the executor answered
   * @throws ClientError `connectionLost`, `closed`, `frameTooLarge`, `badReply`
   */
  call<M extends MethodName>(
    method: M,
    params: MethodInput<M>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<MethodResult<M>> {
    return this.#parts.channel.call(method, params, options.signal);
  }

  /**
   * Starts a job and, unless `attach` is false, follows it from its first entry.
   *
   * Without a `jobId` one is chosen here. With one, the request is safe to repeat after `connectionLost`.
   *
   * @throws RpcError, ClientError as `call`
   */
  async startJob(
    params: MethodInput<'job/start'>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Job> {
    const { jobId = randomJobId(), attach } = params;
    if (attach === false) {
      const started = await this.call('job/start', { ...params, jobId }, options);
      return toJob(started, (more) => this.follow(jobId, more));
    }
    const { inboxes, channel } = this.#parts;
    const followOptions = attachOptions(attach ?? {});
    const inbox = inboxes.open(jobId);
    try {
      const started = await this.call('job/start', { ...params, jobId, attach: followOptions }, options);
      return toJob(started, (more) => followJob(this.#port(), jobId, { ...followOptions, ...more }, inbox));
    } catch (error) {
      inboxes.close(jobId);
      // The executor may have started it all the same; nobody here takes its entries.
      if (options.signal?.aborted === true) channel.notify('job/detach', { jobId });
      throw error;
    }
  }

  /**
   * The entries of a job in order, up to and with `closed`: replay, then live. It attaches at the first step
   * and detaches when the loop is left.
   *
   * @throws ClientError `connectionLost` with `lastSeq`, where to go on over a new connection
   * @throws RpcError `unknownJob`, `alreadyAttached`
   */
  follow(jobId: string, options: FollowOptions = {}): AsyncGenerator<LogEntry, void, undefined> {
    return followJob(this.#port(), jobId, options);
  }

  /** Pauses, resumes, interrupts or cancels a job. @param options `graceMs` is for `cancel` */
  control(
    jobId: string,
    action: ControlAction,
    options: { readonly graceMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<MethodResult<'job/cancel'>> {
    const { graceMs, signal } = options;
    const { channel } = this.#parts;
    if (action !== 'cancel') return channel.call(`job/${action}`, { jobId }, signal);
    return channel.call('job/cancel', graceMs === undefined ? { jobId } : { jobId, graceMs }, signal);
  }

  /** Waits until any or all of the jobs have ended, as long as it takes or at most `waitMs`. */
  wait(jobIds: readonly string[], options: WaitOptions = {}): Promise<MethodResult<'job/wait'>> {
    return waitForJobs(
      (params, signal) => this.#parts.channel.call('job/wait', params, signal),
      jobIds,
      options,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { channel, inboxes, transport } = this.#parts;
    const error = new ClientError('closed', 'The client was closed', { byUs: true });
    channel.end(error);
    inboxes.fail(error);
    await transport[Symbol.asyncDispose]();
  }

  #port(): FollowPort {
    const { channel, inboxes } = this.#parts;
    return {
      call: (method, params, signal) => channel.call(method, params, signal),
      notify: (method, params) => channel.notify(method, params),
      openInbox: (jobId) => inboxes.open(jobId),
      closeInbox: (jobId) => inboxes.close(jobId),
    };
  }
}

function toJob({ jobId, state, position }: MethodResult<'job/start'>, entries: Job['entries']): Job {
  return { jobId, state, ...(position === undefined ? {} : { position }), entries };
}

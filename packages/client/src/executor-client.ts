import type { LogEntry, MethodInput, MethodName, MethodResult } from '@cc-executor/protocol';
import { ConnectionLine, type ConnectionLineOptions } from './connection-line.ts';
import type { Connection } from './connection.ts';
import { attachOptions, followJob, type FollowOptions } from './follow-job.ts';
import { Follower } from './follower.ts';
import type { Followers } from './followers.ts';
import type { JobHolds } from './job-holds.ts';
import type { Job } from './job.ts';
import { orAborted } from './or-aborted.ts';
import { randomJobId } from './random-job-id.ts';
import { isRepeatable } from './repeatable.ts';
import { waitForJobs, type WaitOptions } from './wait-for-jobs.ts';
import type { Closing } from './web-socket-like.ts';

/** What a client stands on. */
interface ClientParts extends Pick<ConnectionLineOptions, 'connect' | 'reconnect'> {
  readonly followers: Followers;
  readonly holds: JobHolds;
}

/** What can be done to a running job. */
export type ControlAction = 'pause' | 'resume' | 'interrupt' | 'cancel';

/**
 * A client of an executor, over one connection after the other: see `ConnectOptions.reconnect`.
 *
 * After a loss, jobs go on being followed where they were, and what was asked is asked again if that does no harm.
 * Disposing of it closes the socket; jobs go on by their `onDetach`.
 */
export class ExecutorClient implements AsyncDisposable {
  /** Resolves when the last connection is over and no other follows, whoever ended it; never rejects. */
  readonly closed: Promise<Closing>;
  readonly #line: ConnectionLine;
  readonly #followers: Followers;
  readonly #holds: JobHolds;

  constructor(first: Connection, { followers, holds, ...options }: ClientParts) {
    this.#followers = followers;
    this.#holds = holds;
    this.#line = new ConnectionLine(first, {
      ...options,
      onConnected: (connection) => {
        followers.resume(connection);
        void holds.renew(connection, (jobId) => followers.has(jobId));
      },
      onEnd: (error) => followers.fail(error),
    });
    this.closed = this.#line.closed;
  }

  /** What the executor said about itself on the latest connection: limits, containment, version. */
  get info(): MethodResult<'initialize'> {
    return this.#line.current.info;
  }

  /** Whether there is a connection now. */
  get isConnected(): boolean {
    return this.#line.isConnected;
  }

  /**
   * Sends a request, as soon as there is a connection. Aborting ends the wait for the reply, not what was asked for.
   *
   * When the reply is lost, the request is sent again unless that could do harm: `executor/stop`, `job/interrupt`,
   * a `job/start` without a `jobId` and what is about one connection only fail with `connectionLost`.
   *
   * @throws RpcError what the executor answered
   * @throws ClientError `connectionLost`, `closed`, `frameTooLarge`, `badReply`, and what a new connection is refused with
   */
  call<M extends MethodName>(
    method: M,
    params: MethodInput<M>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<MethodResult<M>> {
    const { signal } = options;
    const operation = (connection: Connection) => connection.call(method, params, signal);
    return this.#line.use(isRepeatable(method, params), operation, signal);
  }

  /**
   * Starts a job and, unless `attach` is false, follows it from its first entry. Without a `jobId` one is chosen here.
   *
   * A job with `onDetach: "cancel"` lives as long as this client does, followed or not: after a loss it is attached
   * to again. It is cancelled when that takes longer than the 10 s that the executor waits.
   *
   * @throws RpcError, ClientError as `call`
   */
  async startJob(
    params: MethodInput<'job/start'>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Job> {
    const { jobId = randomJobId(), attach } = params;
    const { signal } = options;
    if (attach === false) {
      const start = async (connection: Connection) => {
        const answer = await connection.call('job/start', { ...params, jobId }, signal);
        if (params.onDetach !== 'keep') this.#holds.add(jobId, connection);
        return answer;
      };
      const started = await this.#line.use(true, start, signal);
      return toJob(started, (more) => this.follow(jobId, more));
    }
    const follower = this.#open(jobId, attach ?? {});
    const start = (connection: Connection) => follower.startOver(connection, { ...params, jobId });
    try {
      const started = await orAborted(this.#line.use(true, start), signal);
      return toJob(started, (more = {}) => followJob(this.#followers, () => follower, more));
    } catch (error) {
      this.#followers.remove(follower);
      // The executor may start it all the same; nobody here takes its entries.
      void follower.leave();
      throw error;
    }
  }

  /**
   * The entries of a job, each once and in order, up to and with `closed`: replay, then live, over new connections
   * when they get lost. What the executor does not have any more comes as a `gap`. It attaches at the first step
   * and detaches when the loop is left.
   *
   * A consumer that stays away with its whole window waiting, for longer than the executor's `stallTimeout`, is
   * attached again when it comes back for more, and loses nothing that is kept. But while it is away, a job whose
   * retention is `block` does not wait for it.
   *
   * When an executor has crashed meanwhile, `closed` tells that the job is `lost`. Its `seq` may be one that was
   * another entry's before, which the crash has taken out of the log.
   *
   * @throws ClientError `connectionLost` with `lastSeq`: all after it is missing; `otherExecutor`; as `call`
   * @throws RpcError `unknownJob`, `alreadyAttached`, `beyondEnd`
   */
  follow(jobId: string, options: FollowOptions = {}): AsyncGenerator<LogEntry, void, undefined> {
    return followJob(this.#followers, () => this.#open(jobId, options), options);
  }

  /** Pauses, resumes, interrupts or cancels a job. @param options `graceMs` is for `cancel` */
  control(
    jobId: string,
    action: ControlAction,
    options: { readonly graceMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<MethodResult<'job/cancel'>> {
    const { graceMs, ...more } = options;
    if (action !== 'cancel') return this.call(`job/${action}`, { jobId }, more);
    return this.call('job/cancel', graceMs === undefined ? { jobId } : { jobId, graceMs }, more);
  }

  /** Waits until any or all of the jobs have ended, as long as it takes or at most `waitMs`. */
  wait(jobIds: readonly string[], options: WaitOptions = {}): Promise<MethodResult<'job/wait'>> {
    const { waitMs = Infinity, ...more } = options;
    const deadline = performance.now() + waitMs;
    const operation = (connection: Connection) => {
      const leftMs = Math.max(0, deadline - performance.now());
      const wait = (params: MethodInput<'job/wait'>) => connection.call('job/wait', params, options.signal);
      return waitForJobs(wait, jobIds, { ...more, waitMs: leftMs });
    };
    return this.#line.use(true, operation, options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
  }

  #open(jobId: string, options: FollowOptions): Follower {
    const services = { line: this.#line, holds: this.#holds, after: options };
    const follower = new Follower(jobId, attachOptions(options), services);
    this.#followers.add(follower);
    return follower;
  }
}

function toJob({ jobId, state, position }: MethodResult<'job/start'>, entries: Job['entries']): Job {
  return { jobId, state, ...(position === undefined ? {} : { position }), entries };
}

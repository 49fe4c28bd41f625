import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  RpcError,
  type Include,
  type JobView,
  type ResourceLimits,
  type StartJobParams,
} from '@cc-executor/protocol';

import { Notifier } from '../output/notifier.ts';
import type { LogSpace } from '../output/log-space.ts';
import type { LogConsumer } from '../output/output-log.ts';
import type { LogLoan } from '../output/readable-log.ts';
import type { Lanes } from '../queue/lanes.ts';
import { isDiskFull } from '../store/job-store.ts';
import type { JobServices } from './job-options.ts';
import type { Job } from './job.ts';
import { JobLogs, type LogsConfig, type LogsServices } from './job-logs.ts';
import { createJob, type JobClockDefaults, type JobRequest } from './create-job.ts';
import { Admission, type AdmissionConfig } from './admission.ts';
import { listJobs, recordToView, type JobPage, type JobsQuery } from './job-views.ts';
import { planLaunch, type LaunchContext } from './plan-launch.ts';
import { recoverJobs } from './recover-jobs.ts';

/** Bounds and defaults of all jobs. */
export interface JobsConfig extends AdmissionConfig, LogsConfig, JobClockDefaults {
  /** Undefined: none. */
  readonly limits: ResourceLimits | undefined;
}

/** What the jobs need of the executor. */
export interface JobsServices extends JobServices, LaunchContext, LogsServices {
  readonly lanes: Lanes;
  readonly config: JobsConfig;
}

/** The answer to a start: the job when it lives, and how many wait before it when it is queued. */
export interface StartedJob {
  readonly job: Job | undefined;
  readonly view: JobView;
  readonly position: number | undefined;
}

/** How long live jobs get to end when the executor stops, in milliseconds. */
const SHUTDOWN_GRACE_MS = 3_000;
/** How long all of that may take: the grace, ten seconds of SIGKILL, and the reading of what is left. */
const SHUTDOWN_LIMIT_MS = 20_000;
/** How often logs are looked through for what is too old, in milliseconds. */
const SWEEP_INTERVAL_MS = 10_000;

/** All jobs: the live ones in memory, the ended ones in the store. Knows no sockets. */
export class Jobs implements AsyncDisposable {
  readonly #services: JobsServices;
  readonly #live = new Map<string, Job>();
  /** Starts under way, so that a repeat of one waits for it. */
  readonly #starting = new Map<string, Promise<StartedJob>>();
  readonly #endings = new Set<Promise<void>>();
  /** Tells those who wait that some job has ended. */
  readonly #ends = new Notifier();
  readonly #admission: Admission;
  readonly #logs: JobLogs;
  readonly #sweeping: NodeJS.Timeout;
  #isClosing = false;
  #endedCount: number;

  constructor(services: JobsServices) {
    this.#services = services;
    this.#admission = new Admission(services.config);
    this.#logs = new JobLogs(services);
    this.#endedCount = services.store.endedCount();
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS);
  }

  /** Ends what an earlier executor left open. Call it before the first start. */
  async recover(): Promise<number> {
    const { store, logger, now } = this.#services;
    const lost = await recoverJobs(store, this.#logs, logger, now);
    await this.#logs.takeStock();
    this.#endedCount = store.endedCount();
    return lost;
  }

  /** No more jobs are taken. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  get endedCount(): number {
    return this.#endedCount;
  }

  /** What all logs take, and what was dropped of them. */
  get logSpace(): LogSpace {
    return this.#logs.space;
  }

  /**
   * Starts a job, or answers for the one that the same request with the same id started before.
   *
   * @throws RpcError `policyRefused`, `programNotFound`, `cwdNotFound`, `claudeUnavailable`, `jobIdReused`,
   * `limitsUnavailable`, `overloaded`, `shuttingDown`, `invalidParams`.
   */
  async start(params: StartJobParams): Promise<StartedJob> {
    const jobId = params.jobId ?? `j_${randomBytes(6).toString('hex')}`;
    for (let first = this.#starting.get(jobId); first !== undefined; first = this.#starting.get(jobId)) {
      await first.catch(() => undefined);
    }
    const started = this.#start(jobId, params);
    this.#starting.set(jobId, started);
    try {
      return await started;
    } finally {
      this.#starting.delete(jobId);
    }
  }

  /** The job while it lives. */
  find(jobId: string): Job | undefined {
    return this.#live.get(jobId);
  }

  /** @throws RpcError `unknownJob` */
  view(jobId: string): JobView {
    const view = this.#live.get(jobId)?.view() ?? this.#recordedView(jobId);
    if (view === undefined) throw unknownJob(jobId);
    return view;
  }

  list(query: JobsQuery): JobPage {
    return listJobs(query, this.#services.store, (jobId) => this.#live.get(jobId)?.view());
  }

  /**
   * The log of a job, live or ended.
   *
   * @throws RpcError `unknownJob`
   */
  async openLog(jobId: string): Promise<LogLoan> {
    const live = this.#live.get(jobId);
    if (live !== undefined) return live.log.lend();
    const record = this.#services.store.get(jobId);
    if (record === undefined) throw unknownJob(jobId);
    return this.#logs.openEnded(record);
  }

  /**
   * Takes in one who follows a job from a byte of its output on: the job is not abandoned, and may wait for what is
   * not consumed. There is neither for a job that has ended.
   */
  follow(
    jobId: string,
    include: readonly Include[],
    offset: number | undefined,
  ): { readonly hold: Disposable | undefined; readonly consumer: LogConsumer | undefined } {
    const job = this.#live.get(jobId);
    const from = offset ?? job?.log.firstOffset ?? 0;
    return {
      hold: job?.watch.hold(),
      consumer: include.includes('output') ? job?.log.join(from) : undefined,
    };
  }

  /**
   * Waits until any or all of the jobs have ended, or the signal aborts.
   *
   * @returns Whether it came true.
   * @throws RpcError `unknownJob`
   */
  async wait(jobIds: readonly string[], mode: 'any' | 'all', signal: AbortSignal): Promise<boolean> {
    const open = jobIds.flatMap((jobId) => {
      const isEnded = this.view(jobId).state.status === 'ended';
      return isEnded ? [] : (this.#live.get(jobId) ?? []);
    });
    const wanted = mode === 'any' ? jobIds.length - 1 : 0;
    // Not by `closed`: what waits for a promise stays with it, and clients may ask about a long job again and again.
    while (open.filter((job) => !job.isEnded).length > wanted) {
      if (signal.aborted) return false;
      await this.#ends.wait(signal);
    }
    return true;
  }

  /** Refuses new jobs, cancels the live ones and waits until their trees are empty. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#sweeping);
    await Promise.allSettled(this.#starting.values());
    for (const job of this.#live.values()) job.cancel('shutdown', SHUTDOWN_GRACE_MS);
    const cancel = new AbortController();
    const isLate = await Promise.race([
      Promise.allSettled(this.#endings).then(() => false),
      sleep(SHUTDOWN_LIMIT_MS, true, { signal: cancel.signal }).catch(() => false),
    ]);
    cancel.abort();
    await this.#logs[Symbol.asyncDispose]();
    // A process that hangs in the kernel cannot be waited for; its job reads as lost at the next start.
    if (isLate) this.#services.logger.error({ jobs: [...this.#live.keys()] }, 'jobs could not be ended');
  }

  async #start(jobId: string, params: StartJobParams): Promise<StartedJob> {
    const { store, lanes } = this.#services;
    const paramsHash = hashParams(params);
    const known = store.get(jobId);
    if (known !== undefined) {
      if (known.paramsHash === paramsHash) {
        return { job: this.#live.get(jobId), view: this.view(jobId), position: undefined };
      }
      throw new RpcError('jobIdReused', `The job id ${jobId} was used before with other parameters`, {
        jobId,
      });
    }
    this.#checkOpen();
    this.#admission.check(this.#live.size);
    const lane = params.lane ?? params.kind;
    if (!lanes.has(lane)) {
      const message = `There is no lane ${lane}`;
      throw new RpcError('invalidParams', message, { problems: [{ path: 'lane', message }] });
    }
    const launch = await planLaunch(params, jobId, this.#services);
    // Others may have been started while this one was judged.
    this.#checkOpen();
    this.#admission.take(this.#live.size);
    const job = await this.#create({ jobId, params, lane, launch, paramsHash });
    const ran = Promise.withResolvers<void>();
    const position = lanes.enqueue(lane, () => job.run().finally(ran.resolve), {
      priority: params.priority,
      signal: job.leaveQueue,
      onRemoved: ran.resolve,
    });
    void job.closed.then(() => this.#ends.notify());
    const ending = Promise.all([ran.promise, job.closed])
      .then(() => this.#onEnded(job))
      .catch((error: unknown) => {
        this.#services.logger.error({ jobId, err: error }, 'an ended job could not be put away');
      })
      .finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
    return { job, view: job.view(), position };
  }

  /** @throws RpcError `diskFull` */
  async #create(request: JobRequest): Promise<Job> {
    for (;;) {
      try {
        const job = createJob(request, this.#logs, this.#services);
        this.#live.set(job.jobId, job);
        return job;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        // Even the reserve is used up.
        await this.#logs.makeRoom(error);
      }
    }
  }

  async #onEnded(job: Job): Promise<void> {
    this.#endedCount += 1;
    // Readers from now on open the files, so all of it must be there.
    await job.log.settled();
    job.recordLog();
    this.#live.delete(job.jobId);
    await job.log[Symbol.asyncDispose]();
    this.#prune();
  }

  #prune(): void {
    this.#logs.prune();
    this.#endedCount = this.#services.store.endedCount();
  }

  #sweep(): void {
    for (const job of this.#live.values()) job.log.sweep();
    this.#prune();
  }

  #recordedView(jobId: string): JobView | undefined {
    const record = this.#services.store.get(jobId);
    return record === undefined ? undefined : recordToView(record);
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new RpcError('shuttingDown', 'The executor is stopping and takes no jobs', {});
  }
}

function unknownJob(jobId: string): RpcError<'unknownJob'> {
  return new RpcError('unknownJob', `There is no job ${jobId}`, { jobId });
}

/** How a client follows a job is no part of what it asked for. */
function hashParams(params: StartJobParams): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...params, attach: undefined }))
    .digest('hex');
}

import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError, type JobView, type ResourceLimits, type StartJobParams } from '@cc-executor/protocol';
import { EndedLog } from '../output/ended-log.ts';
import { Notifier } from '../output/notifier.ts';
import { OutputLog, type LogLoan } from '../output/output-log.ts';
import type { Lanes } from '../queue/lanes.ts';
import type { EndedTotals } from '../store/job-store.ts';
import type { JobServices } from './job-options.ts';
import { Job } from './job.ts';
import { Admission, type AdmissionConfig } from './admission.ts';
import { listJobs, recordToView, type JobPage, type JobsQuery } from './job-views.ts';
import type { Launch } from './launch.ts';
import { planLaunch, type LaunchContext } from './plan-launch.ts';
import { recoverJobs } from './recover-jobs.ts';

/** Bounds and defaults of all jobs. */
export interface JobsConfig extends AdmissionConfig {
  /** Ended jobs whose record and output are kept. */
  readonly maxEndedJobs: number;
  /** Bytes of output of all ended jobs that are kept; the newest stays whatever its size. */
  readonly maxStoredBytes: number;
  /** Bytes that one job may print. */
  readonly maxOutputBytes: number;
  readonly commandTimeoutMs: number;
  readonly claudeTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** Undefined: none. */
  readonly limits: ResourceLimits | undefined;
}

/** What the jobs need of the executor. */
export interface JobsServices extends JobServices, LaunchContext {
  readonly lanes: Lanes;
  readonly logsPath: string;
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
const TITLE_CHARS = 200;

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
  #isClosing = false;
  #ended: EndedTotals;

  constructor(services: JobsServices) {
    this.#services = services;
    this.#admission = new Admission(services.config);
    this.#ended = services.store.endedTotals();
  }

  /** Ends what an earlier executor left open. Call it before the first start. */
  async recover(): Promise<number> {
    const { store, now } = this.#services;
    const lost = await recoverJobs(store, (jobId) => this.#logPath(jobId), now);
    this.#ended = store.endedTotals();
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
    return this.#ended.count;
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
    if (view === undefined) throw new RpcError('unknownJob', `There is no job ${jobId}`, { jobId });
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
    const { lastSeq, outputBytes } = this.view(jobId);
    const log = await EndedLog.open(this.#logPath(jobId), { lastSeq, outputBytes });
    return { log, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() };
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
    await Promise.allSettled(this.#starting.values());
    for (const job of this.#live.values()) job.cancel('shutdown', SHUTDOWN_GRACE_MS);
    const cancel = new AbortController();
    const isLate = await Promise.race([
      Promise.allSettled(this.#endings).then(() => false),
      sleep(SHUTDOWN_LIMIT_MS, true, { signal: cancel.signal }).catch(() => false),
    ]);
    cancel.abort();
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
    const job = this.#create(jobId, params, { lane, launch, paramsHash });
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

  #create(
    jobId: string,
    params: StartJobParams,
    { lane, launch, paramsHash }: { lane: string; launch: Launch; paramsHash: string },
  ): Job {
    const services = this.#services;
    const { config, now } = services;
    const log = new OutputLog({
      path: this.#logPath(jobId),
      now,
      maxOutputBytes: config.maxOutputBytes,
      onFault: ({ code, message }) =>
        job.fail({
          status: 'failed',
          reason: code === 'quotaExceeded' ? 'outputQuota' : 'internal',
          message,
        }),
    });
    const defaultTimeoutMs = params.kind === 'command' ? config.commandTimeoutMs : config.claudeTimeoutMs;
    const clocks = {
      startTimeoutMs: params.startTimeoutMs ?? config.startTimeoutMs,
      timeoutMs: params.timeoutMs ?? defaultTimeoutMs,
      idleTimeoutMs: params.idleTimeoutMs,
    };
    const containment = launch.tree.containment ?? services.host.containment;
    const title = titleOf(params);
    const plan = { launch, lane, title, containment, clocks };
    const job: Job = new Job({ jobId, params, paramsHash, ...plan, log, services });
    this.#live.set(jobId, job);
    return job;
  }

  async #onEnded(job: Job): Promise<void> {
    const { count, outputBytes } = this.#ended;
    this.#ended = { count: count + 1, outputBytes: outputBytes + job.log.outputBytes };
    // Readers from now on open the file, so all of it must be there.
    await job.log.settled();
    this.#live.delete(job.jobId);
    await job.log[Symbol.asyncDispose]();
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const { store, config } = this.#services;
    const max = { count: config.maxEndedJobs, outputBytes: config.maxStoredBytes };
    if (this.#ended.count <= max.count && this.#ended.outputBytes <= max.outputBytes) return;
    const forgotten = store.pruneEnded(max);
    this.#ended = store.endedTotals();
    for (const jobId of forgotten) await rm(this.#logPath(jobId), { force: true });
  }

  #recordedView(jobId: string): JobView | undefined {
    const record = this.#services.store.get(jobId);
    return record === undefined ? undefined : recordToView(record);
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new RpcError('shuttingDown', 'The executor is stopping and takes no jobs', {});
  }

  #logPath(jobId: string): string {
    return join(this.#services.logsPath, `${jobId}.log`);
  }
}

/** How a client follows a job is no part of what it asked for. */
function hashParams(params: StartJobParams): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...params, attach: undefined }))
    .digest('hex');
}

function titleOf(params: StartJobParams): string {
  const text = params.kind === 'claude' ? params.prompt : (params.command ?? params.argv?.join(' ') ?? '');
  return text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text;
}

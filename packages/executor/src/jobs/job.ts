import type {
  Attempt,
  CancelledBy,
  JobResult,
  JobState,
  JobView,
  Outcome,
  StartJobParams,
  TimedOutWhich,
} from '@cc-executor/protocol';
import type { OutputLog } from '../output/output-log.ts';
import { runAttempt, type LiveAttempt } from './attempt.ts';
import { Controls, type Controlled } from './controls.ts';
import { JobClocks } from './job-clocks.ts';
import { DetachWatch } from './detach-watch.ts';
import {
  decisiveCause,
  toJobState,
  transition,
  type JobEvent,
  type JobPhase,
  type StopCause,
} from './job-state.ts';
import type { JobOptions } from './job-options.ts';
import { StdinWriter } from './stdin-writer.ts';

/** How long an ending tree may take to end by itself when nobody said otherwise, in milliseconds. */
const DEFAULT_GRACE_MS = 5_000;

/** One piece of work from request to end. It lives here until it has ended and nobody follows it. */
export class Job {
  readonly jobId: string;
  readonly params: StartJobParams;
  readonly log: OutputLog;
  /** Resolves when the job has ended. */
  readonly closed: Promise<void>;
  /** What a command reads. A Claude's standard input is its driver's. */
  readonly stdin: StdinWriter;
  /** Those for whom the job runs. */
  readonly watch: DetachWatch;
  readonly #options: JobOptions;
  readonly #createdAt: string;
  readonly #resolveClosed: () => void;
  readonly #leaveQueue = new AbortController();
  readonly #stopping = new AbortController();
  readonly #attempts: Attempt[] = [];
  readonly #controls = new Controls(() => this.state);
  #phase: JobPhase = { status: 'queued', reason: 'capacity' };
  #live: LiveAttempt | undefined;
  #clocks: JobClocks | undefined;
  #graceMs = DEFAULT_GRACE_MS;
  #fault: StopCause | undefined;
  #end: { endedAt: string; drained: boolean; result: JobResult | undefined } | undefined;

  /** Writes the job to the store: it exists from here on, whatever happens. */
  constructor(options: JobOptions) {
    const { jobId, params, paramsHash, launch, services } = options;
    this.#options = options;
    this.jobId = jobId;
    this.params = params;
    this.log = options.log;
    this.stdin = new StdinWriter(jobId);
    this.#createdAt = services.now().toISOString();
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<void>());
    this.watch = new DetachWatch(() => {
      if (params.onDetach === 'cancel') this.cancel('detach', DEFAULT_GRACE_MS);
    });
    services.store.insert({
      jobId,
      kind: params.kind,
      lane: options.lane,
      title: options.title,
      cwd: launch.tree.cwd,
      params,
      paramsHash,
      state: this.state,
      createdAt: this.#createdAt,
      sessionId: this.#sessionId,
    });
    this.log.append({ type: 'state', state: this.state });
  }

  get state(): JobState {
    return toJobState(this.#phase);
  }

  get isEnded(): boolean {
    return this.#phase.status === 'ended';
  }

  /** Aborts to take the job out of its lane while it waits. */
  get leaveQueue(): AbortSignal {
    return this.#leaveQueue.signal;
  }

  /** The lane has room: runs the job until its tree is empty. Never rejects. */
  async run(): Promise<void> {
    if (this.#phase.status !== 'queued') return;
    const { services, launch } = this.#options;
    const startedAt = services.now().toISOString();
    const attempt = this.#attempts.length + 1;
    this.#apply({ type: 'start' });
    this.#attempts.push({ attempt, startedAt });
    try {
      services.store.insertAttempt(this.jobId, attempt, startedAt, this.state);
      const end = await runAttempt({
        jobId: this.jobId,
        attempt,
        launch,
        params: this.params,
        log: this.log,
        services,
        onStarted: (live) => this.#onStarted(attempt, live),
        onActivity: () => this.#clocks?.touch(),
        onExited: (exit) => {
          const exitedAt = services.now().toISOString();
          this.#attempts[attempt - 1] = {
            ...(this.#attempts[attempt - 1] ?? { attempt, startedAt }),
            exitedAt,
            ...exit,
          };
          this.#record(() => services.store.endAttempt(this.jobId, attempt, { exitedAt, ...exit }));
          this.#stop({ by: 'exit' });
        },
        graceMs: () => this.#graceMs,
        stopping: this.#stopping.signal,
        cause: () =>
          this.#phase.status === 'stopping' ? decisiveCause(this.#phase.cause, this.#fault) : undefined,
      });
      this.#close(end.outcome, end.drained, end.result);
    } catch (error) {
      services.logger.error({ jobId: this.jobId, err: error }, 'job failed inside the executor');
      this.#close({ status: 'failed', reason: 'internal', message: String(error) }, false, undefined);
    }
  }

  async pause(): Promise<Controlled> {
    return this.#controls.run(async () => {
      if (this.#phase.status !== 'running' || this.#phase.paused) return;
      await this.#live?.tree.pause();
      this.#clocks?.pause();
      this.#apply({ type: 'pause' });
    });
  }

  async resume(): Promise<Controlled> {
    return this.#controls.run(async () => {
      if (this.#phase.status !== 'running' || !this.#phase.paused) return;
      await this.#live?.tree.resume();
      this.#clocks?.resume();
      this.#apply({ type: 'resume' });
    });
  }

  /** Asks for an early end: SIGINT for a command, the CLI's own interrupt for a Claude, whose session stays usable. */
  async interrupt(): Promise<Controlled> {
    return this.#controls.run(async () => {
      if (this.#phase.status === 'queued') this.cancel('interrupt', DEFAULT_GRACE_MS);
      else if (this.#phase.status === 'running') await this.#live?.driver.interrupt();
    });
  }

  /** Ends the whole tree: SIGTERM, and SIGKILL after `graceMs` to what is left. Does not wait for it. */
  cancel(cancelledBy: CancelledBy, graceMs: number): Controlled {
    const before = this.state;
    const wasQueued = this.#phase.status === 'queued';
    // A second cancel may hurry the first one, never slow it down.
    this.#graceMs = this.#phase.status === 'stopping' ? Math.min(this.#graceMs, graceMs) : graceMs;
    this.#stop({ by: 'cancel', cancelledBy });
    if (wasQueued) {
      this.#leaveQueue.abort();
      this.#close({ status: 'cancelled', by: cancelledBy }, true, undefined);
    } else {
      this.#stopTree();
    }
    return { before, after: this.state };
  }

  /** The disk or something else of ours failed: the job cannot go on. */
  fail(outcome: Outcome): void {
    this.#fault ??= { by: 'fault', outcome };
    this.#stop(this.#fault);
    this.#stopTree();
  }

  view(): JobView {
    const { params, lane, title, launch } = this.#options;
    const startedAt = this.#attempts[0]?.startedAt;
    const end = this.#end;
    const sessionId = this.#sessionId;
    return {
      jobId: this.jobId,
      kind: params.kind,
      state: this.state,
      title,
      cwd: launch.tree.cwd,
      lane,
      createdAt: this.#createdAt,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(end === undefined ? {} : { endedAt: end.endedAt, drained: end.drained }),
      attempts: this.#attempts,
      ...(sessionId === undefined ? {} : { sessionId }),
      outputBytes: this.log.outputBytes,
      lastSeq: this.log.lastSeq,
      attachments: this.watch.count,
      ...(end?.result === undefined ? {} : { result: end.result }),
    };
  }

  get #sessionId(): string | undefined {
    const { launch } = this.#options;
    return launch.kind === 'claude' ? launch.plan.sessionId : undefined;
  }

  #onStarted(attempt: number, live: LiveAttempt): void {
    const { services, params } = this.#options;
    const { pid } = live.tree;
    this.#live = live;
    if (params.kind === 'command' && live.tree.stdin !== null) this.stdin.connect(live.tree.stdin);
    const known = this.#attempts[attempt - 1];
    if (known !== undefined) this.#attempts[attempt - 1] = { ...known, pid };
    this.#record(() => services.store.setPid(this.jobId, attempt, pid));
    this.log.append({ type: 'started', attempt, pid });
    this.#apply({ type: 'spawned' });
    // A cancel may have come while the process was being made.
    if (this.#phase.status === 'stopping') this.#stopTree();
    const { timeoutMs } = this.#options;
    this.#clocks = new JobClocks({ timeoutMs, idleTimeoutMs: params.idleTimeoutMs }, (which) =>
      this.#timeOut(which),
    );
  }

  #timeOut(which: TimedOutWhich): void {
    this.#stop({ by: 'timeout', which });
    this.#stopTree();
  }

  /** The attempt waits for the tree to be empty; here it is only set in motion. */
  #stopTree(): void {
    const { logger } = this.#options.services;
    this.#live?.tree.stop({ graceMs: this.#graceMs }).catch((error: unknown) => {
      logger.error({ jobId: this.jobId, err: error }, 'a process tree could not be ended');
    });
  }

  #stop(cause: StopCause): void {
    this.#apply({ type: 'stop', cause });
    this.#stopping.abort();
  }

  /** The one place where the phase changes. */
  #apply(event: JobEvent): void {
    const next = transition(this.#phase, event);
    if (next === this.#phase) return;
    this.#phase = next;
    if (next.status !== 'ended') this.log.append({ type: 'state', state: this.state });
  }

  /** A process that runs cannot wait for a disk that is full: what could not be written is missing in the store. */
  #record(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.services.logger.error({ jobId: this.jobId, err: error }, 'a job could not be recorded');
    }
  }

  #close(outcome: Outcome, drained: boolean, result: JobResult | undefined): void {
    if (this.isEnded) return;
    this.#clocks?.[Symbol.dispose]();
    this.watch[Symbol.dispose]();
    this.#live = undefined;
    const { services } = this.#options;
    const endedAt = services.now().toISOString();
    this.#apply({ type: 'close', outcome });
    this.#end = { endedAt, drained, result };
    this.log.append({ type: 'state', state: this.state });
    this.log.append({ type: 'closed', outcome, drained, ...(result === undefined ? {} : { result }) });
    const { outputBytes, lastSeq } = this.log;
    this.#record(() =>
      services.store.end(this.jobId, { state: this.state, endedAt, drained, result, outputBytes, lastSeq }),
    );
    services.logger.info(
      {
        jobId: this.jobId,
        kind: this.params.kind,
        outcome: outcome.status,
        durationMs: Date.parse(endedAt) - Date.parse(this.#attempts[0]?.startedAt ?? this.#createdAt),
      },
      'job ended',
    );
    this.#resolveClosed();
  }
}

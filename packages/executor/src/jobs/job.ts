import type {
  CancelledBy,
  JobResult,
  JobState,
  JobView,
  Outcome,
  StartJobParams,
} from '@cc-executor/protocol';
import type { OutputLog } from '../output/output-log.ts';
import { runAttempt, type LiveAttempt } from './attempt.ts';
import { Controls, type Controlled } from './controls.ts';
import { JobClocks, type ElapsedClock } from './job-clocks.ts';
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
import { JobRecorder } from './job-recorder.ts';
import { viewCounts } from './job-views.ts';
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
  readonly #startOver = new AbortController();
  readonly #recorder: JobRecorder;
  readonly #clocks: JobClocks;
  readonly #controls = new Controls(() => this.state);
  #phase: JobPhase = { status: 'queued', reason: 'capacity' };
  #live: LiveAttempt | undefined;
  #graceMs = DEFAULT_GRACE_MS;
  #fault: StopCause | undefined;
  #end: { endedAt: string; drained: boolean; result: JobResult | undefined } | undefined;

  /** Writes the job to the store: it exists from here on, whatever happens. */
  constructor(options: JobOptions) {
    const { jobId, number, params, paramsHash, launch, services } = options;
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
    this.#clocks = new JobClocks(options.clocks, (which) => this.#onElapsed(which));
    const { lane, title, containment } = options;
    const identity = { jobId, number, params, paramsHash, kind: params.kind, sessionId: this.#sessionId };
    const place = { lane, title, cwd: launch.tree.cwd, containment };
    const now = { state: this.state, createdAt: this.#createdAt };
    this.#recorder = new JobRecorder({ ...identity, ...place, ...now }, services);
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
    this.#apply({ type: 'start' });
    try {
      const attempt = this.#recorder.begin(this.state);
      const end = await runAttempt({
        jobId: this.jobId,
        attempt,
        launch,
        params: this.params,
        log: this.log,
        services,
        onStarting: () => this.#clocks.starting(),
        onStarted: (live) => this.#onStarted(attempt, live),
        onBegun: () => this.#clocks.begun(),
        onActivity: (isSettled) => {
          this.#clocks.touch();
          this.#clocks.settled(isSettled);
        },
        onExited: (exit) => {
          this.#recorder.exited(exit);
          this.#clocks.exited();
          this.#stop({ by: 'exit' });
        },
        graceMs: () => this.#graceMs,
        stopping: this.#stopping.signal,
        startOver: this.#startOver.signal,
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
      this.#clocks.pause();
      // A Claude that stands still does not start up either.
      this.#live?.leaveStartGate();
      this.#apply({ type: 'pause' });
    });
  }

  async resume(): Promise<Controlled> {
    return this.#controls.run(async () => {
      if (this.#phase.status !== 'running' || !this.#phase.paused) return;
      await this.#live?.tree.resume();
      this.#clocks.resume();
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

  /** Its output waits for those who follow it, or goes on. */
  setBlocked(isBlocked: boolean): void {
    this.#clocks.blocked(isBlocked);
  }

  /** Something of its output was dropped. */
  recordLog(): void {
    this.#recorder.log(this.log.counts);
  }

  /** The disk or something else of ours failed: the job cannot go on. */
  fail(outcome: Outcome): void {
    this.#fault ??= { by: 'fault', outcome };
    this.#stop(this.#fault);
    this.#stopTree();
  }

  view(): JobView {
    const { params, lane, title, launch, containment } = this.#options;
    const { attempts } = this.#recorder;
    const startedAt = attempts[0]?.startedAt;
    const end = this.#end;
    const sessionId = this.#sessionId;
    return {
      jobId: this.jobId,
      kind: params.kind,
      state: this.state,
      title,
      cwd: launch.tree.cwd,
      lane,
      containment,
      createdAt: this.#createdAt,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(end === undefined ? {} : { endedAt: end.endedAt, drained: end.drained }),
      attempts: [...attempts],
      ...(sessionId === undefined ? {} : { sessionId }),
      ...viewCounts(this.log.counts),
      isBlocked: this.log.isBlocked,
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
    const { pid } = live.tree;
    this.#live = live;
    if (this.params.kind === 'command' && live.tree.stdin !== null) this.stdin.connect(live.tree.stdin);
    this.#recorder.spawned(pid);
    this.log.append({ type: 'started', attempt, pid });
    this.#apply({ type: 'spawned' });
    // A cancel may have come while the process was being made.
    if (this.#phase.status === 'stopping') this.#stopTree();
    this.#clocks.running();
  }

  #onElapsed(which: ElapsedClock): void {
    if (which === 'drain') {
      void this.#live?.tree.drained({ timeoutMs: 0 });
      return;
    }
    this.#stop(which === 'exit' ? { by: 'settled' } : { by: 'timeout', which });
    if (which === 'start') this.#startOver.abort();
    this.#stopTree();
  }

  /** The attempt waits for the tree to be empty; here it is only set in motion. */
  #stopTree(): void {
    const { logger } = this.#options.services;
    // One that is being ended must not wait for whoever follows it.
    this.log.release();
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

  #close(outcome: Outcome, drained: boolean, result: JobResult | undefined): void {
    if (this.isEnded) return;
    this.#clocks[Symbol.dispose]();
    this.watch[Symbol.dispose]();
    this.#live = undefined;
    const { services } = this.#options;
    const endedAt = services.now().toISOString();
    this.#apply({ type: 'close', outcome });
    this.#end = { endedAt, drained, result };
    this.log.append({ type: 'state', state: this.state });
    this.log.append({ type: 'closed', outcome, drained, ...(result === undefined ? {} : { result }) });
    const { counts, lastSeq } = this.log;
    this.#recorder.end({ state: this.state, endedAt, drained, result, lastSeq, counts });
    services.logger.info(
      {
        jobId: this.jobId,
        kind: this.params.kind,
        outcome: outcome.status,
        durationMs:
          Date.parse(endedAt) - Date.parse(this.#recorder.attempts[0]?.startedAt ?? this.#createdAt),
      },
      'job ended',
    );
    this.#resolveClosed();
  }
}

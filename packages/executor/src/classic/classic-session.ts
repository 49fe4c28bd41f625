import { constants } from 'node:os';
import {
  ClassicControlParams,
  ClassicExecuteParams,
  StartJobParams,
  type ClassicNotification,
  type ClassicStatus,
  type Outcome,
  type OutputStream,
} from '@cc-executor/protocol';
import { Follower } from '../output/follower.ts';
import type { ReadEntry } from '../output/readable-log.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Connection } from '../rpc/connection.ts';
import { parseParams } from '../rpc/invalid-params.ts';
import { LineSplitter } from './line-splitter.ts';

/** What a classic session works with. */
export interface ClassicServices {
  readonly jobs: Jobs;
  /** Where classic clients, which name no folder, run their commands. */
  readonly cwd: string;
  /** Whether policy lets any shell line run; else a command must be plain words that it allows. */
  readonly isShellAllowed: boolean;
}

/** Grace of a CANCEL, in milliseconds. */
const CANCEL_GRACE_MS = 5_000;

/** The job of a classic session that is not over. */
interface Current {
  readonly job: Job;
  readonly follower: Follower;
  readonly lines: Readonly<Record<OutputStream, LineSplitter>>;
  /** The first status of the command. */
  readonly started: PromiseWithResolvers<ClassicStatus>;
  /** The last one. */
  readonly ended: PromiseWithResolvers<ClassicStatus>;
  isPaused: boolean;
  /** Lets entries through again after a pause. */
  unpause: PromiseWithResolvers<void>;
}

/** One connection of the classic profile: one job at a time, told in its simple words. */
export class ClassicSession {
  readonly #services: ClassicServices;
  readonly #connection: Connection;
  #current: Current | undefined;
  /** The job of an `execute` that has no status yet. */
  #starting: Promise<Job> | undefined;

  constructor(services: ClassicServices, connection: Connection) {
    this.#services = services;
    this.#connection = connection;
    connection.closed.addEventListener('abort', () => this.#onClosed(), { once: true });
    this.#notify({ method: 'connected', params: { sessionId: connection.id } });
  }

  /** Runs a line with bash. Answers with its first status. */
  async execute(params: unknown): Promise<ClassicStatus> {
    if (this.#starting !== undefined || this.#current !== undefined)
      throw new Error('a command is running on this connection');
    this.#starting = this.#start(parseParams('execute', ClassicExecuteParams, params));
    try {
      const job = await this.#starting;
      if (this.#connection.closed.aborted) job.cancel('detach', CANCEL_GRACE_MS);
      return await this.#follow(job);
    } finally {
      this.#starting = undefined;
    }
  }

  /** Pauses, resumes or cancels the command. Answers with the status that this leads to. */
  async control(params: unknown): Promise<ClassicStatus> {
    const { type } = parseParams('control', ClassicControlParams, params);
    // What comes right behind an `execute` is meant for its command.
    await this.#starting?.catch(() => undefined);
    const current = this.#current;
    if (current === undefined) throw new Error(`no command is running, so there is nothing to ${type}`);
    switch (type) {
      case 'PAUSE':
        return this.#pause(current);
      case 'RESUME':
        return this.#resume(current);
      case 'CANCEL':
        current.job.cancel('client', CANCEL_GRACE_MS);
        this.#unpause(current);
        return current.ended.promise;
    }
  }

  /** Tells the client of an error in its own words. */
  reportError(message: string): void {
    this.#notify({ method: 'error', params: { message } });
  }

  async #start({ command, timeout }: ClassicExecuteParams): Promise<Job> {
    const { jobs, cwd, isShellAllowed } = this.#services;
    const { job, view } = await jobs.start(
      StartJobParams.parse({
        ...(isShellAllowed ? { argv: ['bash', '-c', command] } : { command }),
        kind: 'command',
        cwd,
        attach: false,
        ...(timeout === undefined || timeout === null ? {} : { timeoutMs: Math.ceil(timeout * 1000) }),
      }),
    );
    if (job === undefined) throw new Error(`the job ${view.jobId} is gone`);
    return job;
  }

  async #follow(job: Job): Promise<ClassicStatus> {
    const started = Promise.withResolvers<ClassicStatus>();
    const line = (type: OutputStream) =>
      new LineSplitter((content) => this.#notify({ method: 'output', params: { type, content } }));
    const loan = job.log.lend();
    const { hold, consumer } = this.#services.jobs.follow(job.jobId, ['output'], 0);
    const connection = this.#connection;
    const follower = new Follower(
      loan.log,
      {
        send: (entry) => this.#take(current, entry),
        get isWritable() {
          return connection.isWritable && !current.isPaused;
        },
        writable: async (signal) => {
          await connection.writable(signal);
          // After PAUSED nothing is sent until RESUME or CANCEL, not even what was printed before.
          if (current.isPaused) await current.unpause.promise;
        },
      },
      { afterSeq: 0, include: ['output'], creditBytes: Number.POSITIVE_INFINITY, consumer },
    );
    const current: Current = {
      job,
      follower,
      started,
      ended: Promise.withResolvers<ClassicStatus>(),
      lines: { stdout: line('stdout'), stderr: line('stderr') },
      isPaused: false,
      unpause: Promise.withResolvers<void>(),
    };
    this.#current = current;
    void follower
      .run()
      .catch(() => this.#connection.close('internalError', 'the output of the command cannot be read'))
      .finally(() => {
        hold?.[Symbol.dispose]();
        consumer?.leave(false);
        current.lines.stdout[Symbol.dispose]();
        current.lines.stderr[Symbol.dispose]();
        return loan[Symbol.asyncDispose]();
      });
    return started.promise;
  }

  /** Tells the client of one entry of the log. */
  #take(current: Current, entry: ReadEntry): void {
    switch (entry.type) {
      case 'output':
        current.lines[entry.stream].push(entry.data);
        return;
      case 'started':
        current.started.resolve(this.#status({ status: 'RUNNING', pid: entry.pid }));
        return;
      case 'closed':
        current.lines.stdout.flush();
        current.lines.stderr.flush();
        this.#current = undefined;
        current.ended.resolve(this.#reportEnd(entry.outcome));
        current.started.reject(new Error(describeEnd(entry.outcome)));
        return;
      case 'state':
      case 'event':
      case 'limit':
      case 'exited':
      case 'gap':
        // The classic profile has no words for these.
        return;
    }
  }

  async #pause(current: Current): Promise<ClassicStatus> {
    const { after } = await current.job.pause();
    if (after.status !== 'running' || !after.paused)
      throw new Error(`the command is ${after.status} and cannot be paused`);
    current.lines.stdout.flush();
    current.lines.stderr.flush();
    const status = this.#status({ status: 'PAUSED' });
    current.isPaused = true;
    return status;
  }

  async #resume(current: Current): Promise<ClassicStatus> {
    const { after } = await current.job.resume();
    if (after.status !== 'running') {
      // It was killed from outside: what is left to say of it has waited for this.
      this.#unpause(current);
      throw new Error(`the command is ${after.status} and cannot be resumed`);
    }
    const status = this.#status({ status: 'RUNNING', pid: current.job.view().attempts.at(-1)?.pid ?? 0 });
    this.#unpause(current);
    return status;
  }

  #unpause(current: Current): void {
    current.isPaused = false;
    current.unpause.resolve();
    current.unpause = Promise.withResolvers<void>();
  }

  /** Exactly one terminal status, and before it why, when that is more than an exit code. */
  #reportEnd(outcome: Outcome): ClassicStatus {
    if (outcome.status === 'succeeded') return this.#status({ status: 'COMPLETED', exit_code: 0 });
    if (outcome.status === 'failed' && (outcome.reason === 'exit' || outcome.reason === 'signal'))
      return this.#status({ status: 'COMPLETED', exit_code: exitCodeOf(outcome) });
    if (outcome.status !== 'cancelled') this.reportError(describeEnd(outcome));
    return this.#status({ status: 'CANCELLED' });
  }

  #status(params: ClassicStatus): ClassicStatus {
    this.#notify({ method: 'statusUpdate', params });
    return params;
  }

  #notify(notification: ClassicNotification): void {
    this.#connection.send(JSON.stringify({ jsonrpc: '2.0', ...notification }));
  }

  /** A classic client that vanishes takes its command with it. */
  #onClosed(): void {
    const current = this.#current;
    if (current === undefined) return;
    current.job.cancel('detach', CANCEL_GRACE_MS);
    current.follower[Symbol.dispose]();
    this.#unpause(current);
  }
}

/** As a shell would put it: 128 plus the number of the signal. */
function exitCodeOf({ exitCode, signal }: Extract<Outcome, { status: 'failed' }>): number {
  if (signal === undefined) return exitCode ?? 1;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal] ?? 0);
}

function describeEnd(outcome: Outcome): string {
  if (outcome.status === 'timed_out') {
    return outcome.which === 'start'
      ? 'the command could not be started in time'
      : 'the command ran longer than its timeout and was ended';
  }
  const message = 'message' in outcome ? outcome.message : undefined;
  return `the command ended: ${message ?? outcome.status}`;
}

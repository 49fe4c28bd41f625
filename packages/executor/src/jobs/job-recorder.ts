import type { ExitStatus } from '@cc-executor/process';
import type { Attempt, JobState } from '@cc-executor/protocol';
import type { Logger } from 'pino';
import type { LogCounts } from '../log-counts.ts';
import type { NewJobRecord } from '../store/job-record.ts';
import type { JobEnd, JobStore } from '../store/job-store.ts';

/** What a recorder needs of the executor. */
export interface RecorderServices {
  readonly store: JobStore;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** Writes one job and its attempts to the store, and keeps the attempts for those who ask. */
export class JobRecorder {
  readonly #jobId: string;
  readonly #services: RecorderServices;
  readonly #attempts: Attempt[] = [];

  /** Writes the job: it exists from here on, whatever happens. @throws Error when the disk refuses. */
  constructor(job: NewJobRecord, services: RecorderServices) {
    this.#jobId = job.jobId;
    this.#services = services;
    services.store.insert(job);
  }

  /** The attempts so far, oldest first. */
  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /** An attempt begins: no process of it exists yet. @throws Error when the disk refuses, for then none may. */
  begin(state: JobState): number {
    const attempt = this.#attempts.length + 1;
    const startedAt = this.#services.now().toISOString();
    this.#attempts.push({ attempt, startedAt });
    this.#services.store.insertAttempt(this.#jobId, attempt, startedAt, state);
    return attempt;
  }

  /** The last attempt has a process. */
  spawned(pid: number): void {
    const attempt = this.#change({ pid });
    this.#try((store) => store.setPid(this.#jobId, attempt, pid));
  }

  /** The leader of the last attempt has ended. */
  exited(exit: ExitStatus): void {
    const end = { exitedAt: this.#services.now().toISOString(), ...exit };
    const attempt = this.#change(end);
    this.#try((store) => store.endAttempt(this.#jobId, attempt, end));
  }

  /** What of its log is kept has changed. */
  log(counts: LogCounts): void {
    this.#try((store) => store.setLogCounts(this.#jobId, counts));
  }

  /** The job has ended. */
  end(end: JobEnd): void {
    this.#try((store) => store.end(this.#jobId, end));
  }

  #change(facts: Partial<Attempt>): number {
    const last = this.#attempts.pop();
    if (last === undefined) throw new Error(`${this.#jobId} has no attempt`);
    this.#attempts.push({ ...last, ...facts });
    return last.attempt;
  }

  /** A process that runs cannot wait for a disk that is full: what could not be written is missing in the store. */
  #try(write: (store: JobStore) => void): void {
    const { store, logger } = this.#services;
    try {
      write(store);
    } catch (error) {
      logger.error({ jobId: this.#jobId, err: error }, 'a job could not be recorded');
    }
  }
}

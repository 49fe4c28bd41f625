import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobKind, Retention } from '@cc-executor/protocol';
import type { Logger } from 'pino';
import { EndedLog } from '../output/ended-log.ts';
import { LogSpace } from '../output/log-space.ts';
import { OutputLog, type OutputLogOptions } from '../output/output-log.ts';
import type { LogLoan } from '../output/readable-log.ts';
import { recoverLog, type RecoveredLog } from '../output/recover-log.ts';
import { resolveRetention } from '../output/retention.ts';
import { countSegmentLines } from '../output/segment-scan.ts';
import { listSegments } from '../output/segment.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { JobStore } from '../store/job-store.ts';

/** Bounds of all logs. */
export interface LogsConfig {
  /** Bytes of the log of one job that are kept. */
  readonly maxOutputBytes: number;
  /** Bytes on disk of all logs; the output of the oldest ended jobs goes first. */
  readonly maxStoredBytes: number;
  /** Bytes in memory of all logs, besides what waits to be written. */
  readonly maxLogMemoryBytes: number;
  /** Ended jobs whose record and output are kept. */
  readonly maxEndedJobs: number;
  /** How long those are kept, in milliseconds. */
  readonly maxEndedAgeMs: number;
}

/** What the logs stand on. */
export interface LogsServices {
  readonly store: JobStore;
  readonly logsPath: string;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly config: LogsConfig;
}

/** The logs of all jobs: where they lie, and how much of them is kept. */
export class JobLogs implements AsyncDisposable {
  readonly space: LogSpace;
  readonly #services: LogsServices;
  readonly #removals = new Set<Promise<void>>();

  constructor(services: LogsServices) {
    const { maxLogMemoryBytes, maxStoredBytes } = services.config;
    this.#services = services;
    this.space = new LogSpace({ memoryBytes: maxLogMemoryBytes, diskBytes: maxStoredBytes });
    this.space.reclaim = () => this.#reclaim();
  }

  /** Begins the log of a job. */
  create(
    job: { readonly number: number; readonly kind: JobKind; readonly retention: Retention | undefined },
    hooks: Pick<OutputLogOptions, 'onFault' | 'onBlocked' | 'onDropped'>,
  ): OutputLog {
    const { config, now } = this.#services;
    const retention = resolveRetention(job.retention, job.kind, config.maxOutputBytes);
    return new OutputLog({ folder: this.#folder(job.number), space: this.space, retention, now, ...hooks });
  }

  /** The log of a job that has ended. */
  async openEnded({
    number,
    lastSeq,
    counts,
    state,
    endedAt,
    drained = false,
    result,
  }: JobRecord): Promise<LogLoan> {
    const { outputBytes } = counts;
    const closing =
      state.status === 'ended' && endedAt !== undefined
        ? ({
            type: 'closed',
            seq: lastSeq,
            at: endedAt,
            outcome: state.outcome,
            drained,
            ...(result === undefined ? {} : { result }),
          } as const)
        : undefined;
    const log = await EndedLog.open(this.#folder(number), { lastSeq, outputBytes, closing });
    return { log, [Symbol.asyncDispose]: async () => undefined };
  }

  /** Finds the end of a log whose executor died. */
  recover(number: number): Promise<RecoveredLog> {
    return recoverLog(this.#folder(number));
  }

  /** Goes on with the log of a job whose executor died. */
  resume(number: number, resumeAt: RecoveredLog): OutputLog {
    const { config, now } = this.#services;
    const retention = resolveRetention(undefined, 'claude', config.maxOutputBytes);
    const folder = this.#folder(number);
    return new OutputLog({ folder, space: this.space, retention, now, resumeAt, onFault: () => undefined });
  }

  /** Takes stock: what is on disk counts, and what belongs to no job is removed. Call it before the first start. */
  async takeStock(): Promise<void> {
    const { store, logsPath } = this.#services;
    const known = store.numbers();
    for (const name of await readdir(logsPath)) {
      if (!known.has(Number(name))) await this.#remove(join(logsPath, name));
    }
    this.space.changeDisk(store.storedBytes());
    this.prune();
  }

  /** Forgets ended jobs that are too many or too old, and the output of the oldest when it is too much. */
  prune(): void {
    const { store, config, now } = this.#services;
    const endedBefore = new Date(now().getTime() - config.maxEndedAgeMs).toISOString();
    for (const { number, storedBytes } of store.pruneEnded(config.maxEndedJobs, endedBefore)) {
      this.space.changeDisk(-storedBytes);
      this.#removeLater(this.#folder(number));
    }
    while (this.space.isDiskOver && this.#reclaim());
  }

  /** Waits until what was to be removed is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#removals);
  }

  /** Deletes the output of the oldest ended job that has some. @returns whether there was one */
  #reclaim(): boolean {
    const { store } = this.#services;
    const dropped = store.dropOldestOutput();
    if (dropped === undefined) return false;
    const { jobId, number, storedBytes, keptBytes } = dropped;
    this.space.changeDisk(-storedBytes);
    this.space.drop(keptBytes, 0);
    const folder = this.#folder(number);
    this.#removeLater(folder, async () => {
      let lines = 0;
      for (const segment of await listSegments(folder, 0)) lines += await countSegmentLines(segment);
      store.addDroppedLines(jobId, lines);
      this.space.drop(0, lines);
    });
    return true;
  }

  #removeLater(folder: string, before: () => Promise<void> = async () => undefined): void {
    const removal = before()
      .catch((error: unknown) => this.#services.logger.warn({ err: error }, 'a log could not be counted'))
      .then(() => this.#remove(folder))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async #remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      this.#services.logger.warn({ err: error }, 'a log could not be removed');
    }
  }

  #folder(number: number): string {
    return join(this.#services.logsPath, String(number));
  }
}

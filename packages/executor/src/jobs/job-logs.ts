import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RpcError, type JobKind, type Retention } from '@cc-executor/protocol';
import type { Logger } from 'pino';
import { EndedLog } from '../output/ended-log.ts';
import { LogSpace } from '../output/log-space.ts';
import { OutputLog, type OutputLogOptions } from '../output/output-log.ts';
import type { LogLoan } from '../output/readable-log.ts';
import { recoverLog, type RecoveredLog } from '../output/recover-log.ts';
import { resolveRetention } from '../output/retention.ts';
import { countSegmentLines } from '../output/segment-scan.ts';
import { listSegments } from '../output/segment.ts';
import type { DiskReserve } from '../store/disk-reserve.ts';
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
  /** Given up when the disk is full, so that it is recorded what has become of the jobs. */
  readonly reserve: DiskReserve;
  readonly logsPath: string;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly config: LogsConfig;
}

/** The logs of all jobs: where they lie, and how much of them is kept. */
export class JobLogs implements AsyncDisposable {
  readonly space: LogSpace;
  readonly #services: LogsServices;
  /** Logs of jobs that live, or that somebody still follows. */
  readonly #inUse = new Map<number, OutputLog>();
  readonly #removals = new Set<Promise<void>>();
  /** Jobs whose output is being deleted. */
  readonly #going = new Set<number>();
  readonly #over = Promise.withResolvers<void>();

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
    const folder = this.#folder(job.number);
    const log = new OutputLog({ folder, space: this.space, retention, now, ...hooks });
    this.#inUse.set(job.number, log);
    void log.unused.then(() => this.#inUse.delete(job.number));
    return log;
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
    const log = await EndedLog.open(
      this.#folder(number),
      { lastSeq, outputBytes, closing },
      this.space.memory,
    );
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
      void this.#removeLater(number);
    }
    while (this.space.isDiskOver && this.#reclaim() !== undefined);
    this.#services.reserve.restore();
  }

  /**
   * The disk is full: deletes the output of the oldest ended job.
   *
   * @throws RpcError `diskFull` when there is none
   */
  async makeRoom(cause: unknown): Promise<void> {
    const room = this.#reclaim();
    if (room !== undefined) return room;
    const path = this.#services.logsPath;
    const message = `The disk that holds ${path} is full: no job can be recorded`;
    throw new RpcError('diskFull', message, { path }, { cause });
  }

  /** Waits until what was to be removed is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.resolve();
    await Promise.all(this.#removals);
  }

  /** Deletes the output of the oldest ended job that has some. @returns when it is gone; undefined when there is none */
  #reclaim(): Promise<void> | undefined {
    const { store } = this.#services;
    const outputs = store.oldestOutputs(this.#going.size + 1);
    const oldest = outputs.find(({ number }) => !this.#going.has(number));
    if (oldest === undefined) return undefined;
    const { jobId, number, storedBytes, keptBytes } = oldest;
    this.#going.add(number);
    this.space.changeDisk(-storedBytes);
    this.space.drop(keptBytes, 0);
    return this.#reclaimed(number, jobId).finally(() => this.#going.delete(number));
  }

  /** The files go first: on a full disk nothing could be noted before. */
  async #reclaimed(number: number, jobId: string): Promise<void> {
    const { store, logger } = this.#services;
    const folder = this.#folder(number);
    let lines = 0;
    const count = async (): Promise<void> => {
      for (const segment of await listSegments(folder, 0)) lines += await countSegmentLines(segment);
    };
    await this.#removeLater(number, count);
    this.space.drop(0, lines);
    try {
      store.dropOutput(jobId, lines);
    } catch (error) {
      logger.error({ jobId, err: error }, 'a dropped output could not be recorded');
    }
  }

  /** Removes a log, once nobody follows it any more. */
  #removeLater(number: number, before: () => Promise<void> = async () => undefined): Promise<void> {
    const unused = this.#inUse.get(number)?.unused;
    // At the end nobody is waited for: those who follow go after us.
    const removal = Promise.race([unused, this.#over.promise])
      .then(before)
      .catch((error: unknown) => this.#services.logger.warn({ err: error }, 'a log could not be counted'))
      .then(() => this.#remove(this.#folder(number)))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
    return removal;
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

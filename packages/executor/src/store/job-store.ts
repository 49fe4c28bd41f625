import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JobResult, JobState } from '@cc-executor/protocol';
import type { LogCounts } from '../log-counts.ts';
import { readJobRecord, type JobRecord, type NewJobRecord } from './job-record.ts';

/** SQLite's result code when the disk is full. */
const SQLITE_FULL = 13;

/** What is written when a job has ended. */
export interface JobEnd {
  readonly state: JobState;
  readonly endedAt: string;
  readonly counts: LogCounts;
  readonly lastSeq: number;
  readonly drained: boolean;
  readonly result: JobResult | undefined;
}

/** Which ended or live jobs to list, newest first. */
export interface JobQuery {
  readonly isEnded?: boolean;
  /** Only jobs with a number below this one. */
  readonly before?: number;
  readonly limit: number;
}

/** What a record is read from. Not `params`: a prompt may have megabytes. */
const RECORD_COLUMNS =
  'job_id, number, kind, lane, title, cwd, params_hash, session_id, state, created_at, started_at, ended_at, ' +
  'output_bytes, dropped_bytes, dropped_lines, invalid_bytes, stored_bytes, last_seq, drained, result, containment';

/** The output of an ended job. */
export interface StoredOutput {
  readonly jobId: string;
  readonly number: number;
  /** What it takes on disk. */
  readonly storedBytes: number;
  /** Raw bytes of output that are still kept. */
  readonly keptBytes: number;
}

/** The jobs and attempts on disk. A job is here before any process of it exists. */
export class JobStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #makeRoom: () => boolean;
  readonly #statements = new Map<string, StatementSync>();
  #nextNumber: number;

  /** @param makeRoom Called when the disk is full. @returns whether it is worth another try */
  constructor(database: DatabaseSync, makeRoom: () => boolean = () => false) {
    this.#database = database;
    this.#makeRoom = makeRoom;
    this.#nextNumber = Number(this.#get('SELECT max(number) AS last FROM jobs')?.['last'] ?? 0) + 1;
  }

  /** A number for a job that is to be inserted: each once, and rising. */
  takeNumber(): number {
    return this.#nextNumber++;
  }

  insert(job: NewJobRecord): void {
    this.#run(
      `INSERT INTO jobs (job_id, number, kind, lane, title, cwd, params, params_hash, session_id, state, created_at, containment)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      job.jobId,
      job.number,
      job.kind,
      job.lane,
      job.title,
      job.cwd,
      JSON.stringify(job.params),
      job.paramsHash,
      job.sessionId ?? null,
      JSON.stringify(job.state),
      job.createdAt,
      job.containment,
    );
  }

  /** An attempt begins: the job is `starting`, no process exists yet. */
  insertAttempt(jobId: string, attempt: number, startedAt: string, state: JobState): void {
    this.#run(
      'INSERT INTO attempts (job_id, attempt, started_at) VALUES (?, ?, ?)',
      jobId,
      attempt,
      startedAt,
    );
    this.#run(
      'UPDATE jobs SET state = ?, started_at = coalesce(started_at, ?) WHERE job_id = ?',
      JSON.stringify(state),
      startedAt,
      jobId,
    );
  }

  setPid(jobId: string, attempt: number, pid: number): void {
    this.#run('UPDATE attempts SET pid = ? WHERE job_id = ? AND attempt = ?', pid, jobId, attempt);
  }

  endAttempt(
    jobId: string,
    attempt: number,
    end: { exitedAt: string; code: number | null; signal: string | null },
  ): void {
    this.#run(
      'UPDATE attempts SET exited_at = ?, code = ?, signal = ? WHERE job_id = ? AND attempt = ?',
      end.exitedAt,
      end.code,
      end.signal,
      jobId,
      attempt,
    );
  }

  end(jobId: string, end: JobEnd): void {
    this.#run(
      `UPDATE jobs SET state = ?, is_ended = 1, ended_at = ?, last_seq = ?, drained = ?, result = ? WHERE job_id = ?`,
      JSON.stringify(end.state),
      end.endedAt,
      end.lastSeq,
      Number(end.drained),
      end.result === undefined ? null : JSON.stringify(end.result),
      jobId,
    );
    this.setLogCounts(jobId, end.counts);
  }

  /** What of a job's log is kept. */
  setLogCounts(jobId: string, counts: LogCounts): void {
    this.#run(
      `UPDATE jobs SET output_bytes = ?, dropped_bytes = ?, dropped_lines = ?, invalid_bytes = ?, stored_bytes = ?
       WHERE job_id = ?`,
      counts.outputBytes,
      counts.droppedBytes,
      counts.droppedLines,
      counts.invalidBytes,
      counts.storedBytes,
      jobId,
    );
  }

  get(jobId: string): JobRecord | undefined {
    const row = this.#get(`SELECT ${RECORD_COLUMNS} FROM jobs WHERE job_id = ?`, jobId);
    return row === undefined ? undefined : this.#read(row);
  }

  /** Newest first, each with the number that a cursor names. */
  list(query: JobQuery): { number: number; record: JobRecord }[] {
    const rows = this.#prepare(
      `SELECT ${RECORD_COLUMNS} FROM jobs WHERE (?1 IS NULL OR is_ended = ?1) AND (?2 IS NULL OR number < ?2)
       ORDER BY number DESC LIMIT ?3`,
    ).all(query.isEnded === undefined ? null : Number(query.isEnded), query.before ?? null, query.limit);
    return rows.map((row) => ({ number: Number(row['number']), record: this.#read(row) }));
  }

  endedCount(): number {
    return Number(this.#get('SELECT count(*) AS n FROM jobs WHERE is_ended = 1')?.['n'] ?? 0);
  }

  /** Bytes on disk of the logs of all ended jobs. */
  storedBytes(): number {
    return Number(this.#get('SELECT total(stored_bytes) AS n FROM jobs WHERE is_ended = 1')?.['n'] ?? 0);
  }

  /** The numbers of all jobs. */
  numbers(): Set<number> {
    const rows = this.#prepare('SELECT number FROM jobs').all();
    return new Set(rows.map((row) => Number(row['number'])));
  }

  /** Forgets the oldest ended jobs beyond a number of them, and those that ended before a time, and tells which. */
  pruneEnded(maxCount: number, endedBefore: string): { number: number; storedBytes: number }[] {
    const rows = this.#prepare(
      `DELETE FROM jobs WHERE is_ended = 1 AND (ended_at < ?2 OR number IN
         (SELECT number FROM jobs WHERE is_ended = 1 ORDER BY number DESC LIMIT -1 OFFSET ?1))
       RETURNING number, stored_bytes`,
    ).all(maxCount, endedBefore);
    return rows.map((row) => ({ number: Number(row['number']), storedBytes: Number(row['stored_bytes']) }));
  }

  /** The output of ended jobs that is on disk, of the oldest first. */
  oldestOutputs(limit: number): StoredOutput[] {
    const rows = this.#prepare(
      `SELECT job_id, number, stored_bytes, output_bytes - dropped_bytes AS kept FROM jobs
       WHERE is_ended = 1 AND stored_bytes > 0 ORDER BY number LIMIT ?`,
    ).all(limit);
    return rows.map((row) => ({
      jobId: String(row['job_id']),
      number: Number(row['number']),
      storedBytes: Number(row['stored_bytes']),
      keptBytes: Number(row['kept']),
    }));
  }

  /** All output of an ended job is gone, and so many lines with it. */
  dropOutput(jobId: string, lines: number): void {
    this.#run(
      `UPDATE jobs SET stored_bytes = 0, dropped_bytes = output_bytes, dropped_lines = dropped_lines + ?
       WHERE job_id = ?`,
      lines,
      jobId,
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #read(row: Record<string, unknown>): JobRecord {
    const attempts = this.#prepare('SELECT * FROM attempts WHERE job_id = ? ORDER BY attempt').all(
      String(row['job_id']),
    );
    return readJobRecord(row, attempts);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    try {
      this.#prepare(sql).run(...values);
    } catch (error) {
      if (!isDiskFull(error) || !this.#makeRoom()) throw error;
      this.#prepare(sql).run(...values);
    }
  }

  #get(sql: string, ...values: (string | number | null)[]): Record<string, unknown> | undefined {
    return this.#prepare(sql).get(...values);
  }
}

/** Whether the disk did not take what was to be written, because it is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
}

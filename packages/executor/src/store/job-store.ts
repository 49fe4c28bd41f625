import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JobResult, JobState } from '@cc-executor/protocol';
import { readJobRecord, type JobRecord, type NewJobRecord } from './job-record.ts';

/** What is written when a job has ended. */
export interface JobEnd {
  readonly state: JobState;
  readonly endedAt: string;
  readonly outputBytes: number;
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
  'output_bytes, last_seq, drained, result, containment';

/** How many ended jobs there are, and what they have printed. */
export interface EndedTotals {
  readonly count: number;
  readonly outputBytes: number;
}

/** The jobs and attempts on disk. A job is here before any process of it exists. */
export class JobStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #nextNumber: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#nextNumber = Number(this.#get('SELECT max(number) AS last FROM jobs')?.['last'] ?? 0) + 1;
  }

  insert(job: NewJobRecord): void {
    const number = this.#nextNumber;
    this.#run(
      `INSERT INTO jobs (job_id, number, kind, lane, title, cwd, params, params_hash, session_id, state, created_at, containment)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      job.jobId,
      number,
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
    this.#nextNumber = number + 1;
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
      `UPDATE jobs SET state = ?, is_ended = 1, ended_at = ?, output_bytes = ?, last_seq = ?, drained = ?, result = ?
       WHERE job_id = ?`,
      JSON.stringify(end.state),
      end.endedAt,
      end.outputBytes,
      end.lastSeq,
      Number(end.drained),
      end.result === undefined ? null : JSON.stringify(end.result),
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

  endedTotals(): EndedTotals {
    const row = this.#get('SELECT count(*) AS n, total(output_bytes) AS bytes FROM jobs WHERE is_ended = 1');
    return { count: Number(row?.['n'] ?? 0), outputBytes: Number(row?.['bytes'] ?? 0) };
  }

  /** Forgets the oldest ended jobs beyond either maximum and tells which. The newest one stays whatever its size. */
  pruneEnded(max: EndedTotals): string[] {
    const rows = this.#prepare(
      `DELETE FROM jobs WHERE job_id IN
         (SELECT job_id FROM
           (SELECT job_id, row_number() OVER newest AS place, sum(output_bytes) OVER newest AS bytes
            FROM jobs WHERE is_ended = 1 WINDOW newest AS (ORDER BY number DESC))
          WHERE place > ?1 OR (bytes > ?2 AND place > 1))
       RETURNING job_id`,
    ).all(max.count, max.outputBytes);
    return rows.map((row) => String(row['job_id']));
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
    this.#prepare(sql).run(...values);
  }

  #get(sql: string, ...values: (string | number | null)[]): Record<string, unknown> | undefined {
    return this.#prepare(sql).get(...values);
  }
}

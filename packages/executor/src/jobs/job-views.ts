import type { JobStatus, JobView } from '@cc-executor/protocol';
import type { LogCounts } from '../log-counts.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { JobStore } from '../store/job-store.ts';

/** Which jobs to list, newest first. */
export interface JobsQuery {
  readonly states?: readonly JobStatus[] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of jobs. */
export interface JobPage {
  readonly jobs: JobView[];
  readonly nextCursor?: string;
}

/** What clients see of a job's log. */
export function viewCounts({
  outputBytes,
  droppedBytes,
  droppedLines,
  invalidBytes,
}: LogCounts): Pick<JobView, 'outputBytes' | 'droppedBytes' | 'droppedLines' | 'invalidBytes'> {
  return { outputBytes, droppedBytes, droppedLines, invalidBytes };
}

/** What clients see of a job that is only on disk. */
export function recordToView(record: JobRecord): JobView {
  const { jobId, kind, state, title, cwd, lane, containment, createdAt, startedAt, endedAt } = record;
  const { sessionId, drained, result } = record;
  return {
    jobId,
    kind,
    state,
    title,
    cwd,
    lane,
    ...(containment === undefined ? {} : { containment }),
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    attempts: [...record.attempts],
    ...(sessionId === undefined ? {} : { sessionId }),
    ...viewCounts(record.counts),
    isBlocked: false,
    lastSeq: record.lastSeq,
    attachments: 0,
    ...(drained === undefined ? {} : { drained }),
    ...(result === undefined ? {} : { result }),
  };
}

/** Lists jobs; those that live are seen as they are now, since the store is written only when a job moves on. */
export function listJobs(
  query: JobsQuery,
  store: JobStore,
  liveView: (jobId: string) => JobView | undefined,
): JobPage {
  const wanted = query.states === undefined ? undefined : new Set(query.states);
  const jobs: JobView[] = [];
  let before = parseCursor(query.cursor);
  for (;;) {
    // One more than is asked for tells whether there is a next page.
    const rows = store.list({
      limit: query.limit + 1,
      ...(before === undefined ? {} : { before }),
      ...(wanted?.size === 1 && wanted.has('ended') ? { isEnded: true } : {}),
      ...(wanted !== undefined && !wanted.has('ended') ? { isEnded: false } : {}),
    });
    for (const { number, record } of rows) {
      const view = liveView(record.jobId) ?? recordToView(record);
      if (wanted !== undefined && !wanted.has(view.state.status)) continue;
      if (jobs.length === query.limit) return { jobs, nextCursor: String(number + 1) };
      jobs.push(view);
    }
    before = rows.at(-1)?.number;
    if (rows.length <= query.limit) return { jobs };
  }
}

function parseCursor(cursor: string | undefined): number | undefined {
  return cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}

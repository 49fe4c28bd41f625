import type { Outcome } from '@cc-executor/protocol';
import type { Logger } from 'pino';
import type { LogCounts } from '../log-counts.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { JobStore } from '../store/job-store.ts';
import type { JobLogs } from './job-logs.ts';

/**
 * What was live when an earlier executor died is lost; its output is kept and its log gets an end.
 *
 * @returns How many jobs were lost.
 */
export async function recoverJobs(
  store: JobStore,
  logs: JobLogs,
  logger: Logger,
  now: () => Date,
): Promise<number> {
  const outcome: Outcome = { status: 'lost', message: 'the executor ended while the job was live' };
  const state = { status: 'ended', outcome } as const;
  const lost = store.list({ isEnded: false, limit: -1 });
  for (const { record } of lost) {
    const { jobId } = record;
    const end = await closeLog(record, logs, outcome).catch((error: unknown) => {
      // An executor starts, whatever has become of one log.
      logger.error({ jobId, err: error }, 'the log of a lost job cannot be read');
      return { lastSeq: record.lastSeq + 1, counts: record.counts };
    });
    store.end(jobId, { state, endedAt: now().toISOString(), drained: false, result: undefined, ...end });
  }
  return lost.length;
}

async function closeLog(
  { number, counts }: JobRecord,
  logs: JobLogs,
  outcome: Outcome,
): Promise<{ lastSeq: number; counts: LogCounts }> {
  const recovered = await logs.recover(number);
  const log = logs.resume(number, recovered);
  if (!recovered.isClosed) {
    log.append({ type: 'state', state: { status: 'ended', outcome } });
    log.append({ type: 'closed', outcome, drained: false });
  }
  await log[Symbol.asyncDispose]();
  // What was counted as it came is not in the files.
  const { droppedLines, invalidBytes } = counts;
  return { lastSeq: log.lastSeq, counts: { ...log.counts, droppedLines, invalidBytes } };
}

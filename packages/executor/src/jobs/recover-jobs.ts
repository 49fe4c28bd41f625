import type { Outcome } from '@cc-executor/protocol';
import { EndedLog } from '../output/ended-log.ts';
import { OutputLog } from '../output/output-log.ts';
import type { JobStore } from '../store/job-store.ts';

/**
 * What was live when an earlier executor died is lost; its output is kept and its log gets an end.
 *
 * @returns How many jobs were lost.
 */
export async function recoverJobs(
  store: JobStore,
  logPath: (jobId: string) => string,
  now: () => Date,
): Promise<number> {
  const outcome: Outcome = { status: 'lost', message: 'the executor ended while the job was live' };
  const state = { status: 'ended', outcome } as const;
  const lost = store.list({ isEnded: false, limit: -1 });
  for (const { record } of lost) {
    const path = logPath(record.jobId);
    await using earlier = await EndedLog.open(path, { lastSeq: 0, outputBytes: 0 });
    const resumeAt = await earlier.end();
    await using log = new OutputLog({ path, now, resumeAt, onFault: () => undefined });
    if (!resumeAt.isClosed) {
      log.append({ type: 'state', state });
      log.append({ type: 'closed', outcome, drained: false });
    }
    const { lastSeq, outputBytes } = log;
    store.end(record.jobId, {
      state,
      endedAt: now().toISOString(),
      outputBytes,
      lastSeq,
      drained: false,
      result: undefined,
    });
  }
  return lost.length;
}

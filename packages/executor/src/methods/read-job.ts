import { isIncluded, toWire } from '../output/wire-entry.ts';
import type { ReadableLog } from '../output/output-log.ts';
import type { LogCursor } from '../output/spool-reader.ts';
import { defaultInclude } from './include.ts';
import type { Method } from './method-services.ts';

/** Reads from a log without following it. */
export const readJob: Method<'job/read'> =
  ({ jobs }) =>
  async ({ jobId, afterSeq, tailBytes, maxBytes, waitMs, encoding, include }, { signal }) => {
    const view = jobs.view(jobId);
    const wanted = new Set(include ?? defaultInclude(view.kind));
    await using loan = await jobs.openLog(jobId);
    const { log } = loan;
    const cursor: LogCursor =
      tailBytes === undefined
        ? { afterSeq: afterSeq ?? 0 }
        : await log.seek(Math.max(0, log.outputBytes - tailBytes));
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    for (;;) {
      const entries = await log.read(cursor, maxBytes);
      const included = entries.filter((entry) => isIncluded(entry, wanted));
      const isDone = included.length > 0 || isAtEnd(log, cursor) || deadline.aborted || waitMs === 0;
      // Entries that are not wanted are passed over, so that a page is never empty while more is there.
      if (isDone && (included.length > 0 || entries.length === 0)) {
        return {
          jobId,
          entries: included.map((entry) => toWire(entry, encoding)),
          nextAfterSeq: cursor.afterSeq,
          state: jobs.view(jobId).state,
          atEnd: isAtEnd(log, cursor),
        };
      }
      // Something may have been appended while the log was read.
      if (entries.length === 0 && cursor.afterSeq >= log.lastSeq) await log.changed(deadline);
    }
  };

function isAtEnd(log: ReadableLog, cursor: LogCursor): boolean {
  return log.isClosed && cursor.afterSeq >= log.lastSeq;
}

import type { LogEntry } from '@cc-executor/protocol';
import type { LogPlace, ReadOptions } from './log-part.ts';

/** The entries of a job from a place on, up to its end. Leaving the loop does not touch the job. */
export async function* followLog(
  { client, view, include, stream }: ReadOptions,
  { afterSeq, afterOffset, isAtEnd }: LogPlace,
  signal?: AbortSignal,
): AsyncGenerator<LogEntry, void> {
  if (isAtEnd) return;
  const entries = client.follow(view.jobId, {
    afterSeq,
    afterOffset,
    encoding: 'base64',
    include: [include],
    ...(signal !== undefined && { signal }),
  });
  for await (const entry of entries) {
    if (entry.type !== 'output') {
      yield entry;
    } else if (stream === undefined || entry.stream === stream) {
      // Its beginning may have been shown before.
      const shown = Math.max(0, afterOffset - entry.offset);
      if (shown === 0) yield entry;
      else if (shown < entry.bytes) yield withoutBeginning(entry, shown);
    }
  }
}

function withoutBeginning(
  entry: Extract<LogEntry, { type: 'output' }>,
  bytes: number,
): Extract<LogEntry, { type: 'output' }> {
  const data = Buffer.from(entry.data, entry.encoding).subarray(bytes).toString(entry.encoding);
  return { ...entry, offset: entry.offset + bytes, bytes: entry.bytes - bytes, data };
}

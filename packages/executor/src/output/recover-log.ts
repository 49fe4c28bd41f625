import { rm, truncate } from 'node:fs/promises';
import { endOffset, readEntry } from './record.ts';
import { scanSegment } from './segment-scan.ts';
import { listSegments, type Segment } from './segment.ts';

/** What is left of the log of a job that was live when its executor died. */
export interface RecoveredLog {
  readonly segments: readonly Segment[];
  /** Number of its last whole entry. */
  readonly seq: number;
  readonly outputBytes: number;
  /** Its last entry is `closed`. */
  readonly isClosed: boolean;
}

/** Reads the end of a log and cuts off what is not a whole and intact record: a write that a crash has torn. */
export async function recoverLog(folder: string): Promise<RecoveredLog> {
  const segments = await listSegments(folder, 0);
  const [first] = segments;
  for (let last = segments.at(-1); last !== undefined; last = segments.at(-1)) {
    const end = await findEnd(last);
    if (end.position < last.end) await truncate(last.path, end.position - last.start);
    last.end = end.position;
    last.endOffset = end.outputBytes;
    if (end.position > last.start) return { segments, ...end };
    await rm(last.path, { force: true });
    segments.pop();
  }
  // What came before was dropped, and its numbers are not given again.
  const seq = (first?.firstSeq ?? 1) - 1;
  return { segments, seq, outputBytes: first?.firstOffset ?? 0, isClosed: false };
}

async function findEnd(segment: Segment): Promise<{
  position: number;
  seq: number;
  outputBytes: number;
  isClosed: boolean;
}> {
  const { start, firstSeq, firstOffset } = segment;
  let end = { position: start, seq: firstSeq - 1, outputBytes: firstOffset, isClosed: false };
  for await (const { bytes, at, head, position } of scanSegment(segment)) {
    const isClosed = readEntry(bytes, at, head).type === 'closed';
    end = { position: position + head.bytes, seq: head.seq, outputBytes: endOffset(head), isClosed };
  }
  return end;
}

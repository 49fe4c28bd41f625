import { countLineEnds } from './line-ends.ts';
import { RECORD_HEAD_BYTES, recordKinds } from './record.ts';
import { SegmentReader } from './segment-reader.ts';
import type { Segment } from './segment.ts';
import { SlabPool } from './slab-pool.ts';
import type { PlacedRecord } from './tail-memory.ts';

/** The whole and intact records of a segment, in order. A record's bytes hold until the next step. */
export async function* scanSegment(
  segment: Segment,
  pool = new SlabPool(0),
  from = segment.start,
): AsyncGenerator<PlacedRecord & { readonly position: number }, void, undefined> {
  await using reader = new SegmentReader(pool);
  for (let position = from; position < segment.end;) {
    const record = reader.recordAt(position);
    if (record === undefined) {
      if (!(await reader.load(segment, position, segment.end))) return;
      continue;
    }
    yield { ...record, position };
    position += record.head.bytes;
  }
}

/** Counts the ends of lines in the output of a segment. */
export async function countSegmentLines(segment: Segment): Promise<number> {
  let lines = 0;
  for await (const { bytes, at, head } of scanSegment(segment)) {
    if (head.kind === recordKinds.plain) continue;
    const start = at + RECORD_HEAD_BYTES;
    lines += countLineEnds(bytes.subarray(start, start + head.payloadBytes));
  }
  return lines;
}

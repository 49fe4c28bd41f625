import type { OutputStream } from '@cc-executor/protocol';
import type { ReadableLog, ReadFrom } from '../output/readable-log.ts';
import { FairTurn } from './fair-turn.ts';

/** A stretch of a job's output. */
export interface Stretch {
  /** Raw byte at which it begins. */
  readonly from: number;
  /** Raw byte before which it ends. An entry that begins before comes whole. */
  readonly to: number;
  /** Output of this stream only. */
  readonly stream?: OutputStream | undefined;
}

/** Takes output as it is read. */
export interface OutputVisitor {
  /**
   * Takes the next bytes, which hold only during the call.
   *
   * @returns false to read no further
   */
  output(data: Buffer, offset: number): boolean;
  /** What comes before `offset` is no longer there. @returns false to read no further */
  gap(offset: number): boolean;
}

/** Where to begin to read at a byte of the output. */
export function readFrom(offset: number): ReadFrom {
  // Also when there is no output yet, which would hold it.
  return offset === 0 ? { afterSeq: 0, afterOffset: 0 } : { offset };
}

/** Reads a stretch of a log once, in bounded memory. */
export async function walkOutput(
  log: ReadableLog,
  { from, to, stream }: Stretch,
  visitor: OutputVisitor,
  signal: AbortSignal,
): Promise<void> {
  const turn = new FairTurn();
  await using reader = log.reader(readFrom(from));
  while (!signal.aborted) {
    if (turn.isOver) await turn.next();
    const entry = reader.peek();
    if (entry === undefined) {
      if (reader.offset >= to || !(await reader.load())) return;
      continue;
    }
    let mayGoOn = true;
    if (entry.type === 'gap') {
      reader.advance();
      mayGoOn = visitor.gap(reader.offset);
    } else if (entry.type === 'output') {
      if (entry.offset >= to) return;
      const skippedBytes = Math.max(0, from - entry.offset);
      if (skippedBytes < entry.data.length && (stream === undefined || entry.stream === stream)) {
        mayGoOn = visitor.output(entry.data.subarray(skippedBytes), entry.offset + skippedBytes);
      }
      reader.advance();
    } else {
      reader.advance();
    }
    if (!mayGoOn) return;
  }
}

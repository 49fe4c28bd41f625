import type { OutputStream } from '@cc-executor/protocol';
import type { ReadableLog } from '../output/readable-log.ts';
import { walkOutput } from './walk-output.ts';

const LINE_FEED = 0x0a;
/** How far back lines of a stream are looked for that prints less than the other. */
const MAX_BACK_BYTES = 256 * 1024 * 1024;

/** The last lines of a log, as they were when they were looked for. */
export interface Tail {
  /** Raw byte at which they begin. */
  readonly from: number;
  /** Raw byte before which they end: what is printed meanwhile does not belong to them. */
  readonly to: number;
}

/** Which lines to find. A last one without a line end counts. */
export interface TailQuery {
  readonly lines: number;
  /** Bytes that they may have at most, of the stream if there is one. */
  readonly maxBytes: number;
  readonly stream?: OutputStream | undefined;
}

/** What there is in a stretch. */
interface Content {
  readonly bytes: number;
  readonly lineEnds: number;
  readonly isLastLineOpen: boolean;
}

/** Finds where the last lines begin, in bounded memory: the stretch is read once to count and once to find. */
export async function findTail(log: ReadableLog, query: TailQuery, signal: AbortSignal): Promise<Tail> {
  const { lines, maxBytes, stream } = query;
  const to = log.outputBytes;
  for (let backBytes = maxBytes; ; backBytes *= 8) {
    const from = Math.max(0, to - backBytes);
    const content = await count(log, { from, to, stream }, signal);
    const lineEndsBefore = content.lineEnds - lines + (content.isLastLineOpen ? 1 : 0);
    const bytesBefore = content.bytes - maxBytes;
    const isFound = lineEndsBefore > 0 || bytesBefore >= 0;
    // From the beginning, so that a reader learns how much of it is no longer there.
    if (!isFound && from <= log.firstOffset) return { from: 0, to };
    if (!isFound && backBytes < MAX_BACK_BYTES && !signal.aborted) continue;
    return { from: await find(log, { from, to, stream }, lineEndsBefore, bytesBefore, signal), to };
  }
}

async function count(
  log: ReadableLog,
  stretch: { from: number; to: number; stream: OutputStream | undefined },
  signal: AbortSignal,
): Promise<Content> {
  const content = { bytes: 0, lineEnds: 0, isLastLineOpen: false };
  const output = (data: Buffer): boolean => {
    content.bytes += data.length;
    for (let at = data.indexOf(LINE_FEED); at !== -1; at = data.indexOf(LINE_FEED, at + 1)) {
      content.lineEnds += 1;
    }
    content.isLastLineOpen = data.at(-1) !== LINE_FEED;
    return true;
  };
  await walkOutput(log, stretch, { output, gap: () => true }, signal);
  return content;
}

/** The first place in a stretch with so many line ends and bytes before it. */
async function find(
  log: ReadableLog,
  stretch: { from: number; to: number; stream: OutputStream | undefined },
  lineEndsBefore: number,
  bytesBefore: number,
  signal: AbortSignal,
): Promise<number> {
  let place = stretch.from;
  let [lineEnds, bytes] = [0, 0];
  const output = (data: Buffer, offset: number): boolean => {
    let at = 0;
    while (lineEnds < lineEndsBefore) {
      const end = data.indexOf(LINE_FEED, at);
      if (end === -1) {
        bytes += data.length;
        return true;
      }
      lineEnds += 1;
      at = end + 1;
    }
    const missingBytes = Math.max(0, bytesBefore - bytes);
    bytes += data.length;
    place = offset + Math.min(data.length, Math.max(at, missingBytes));
    // A line that begins right after this piece begins where the next piece of the stream does.
    return place === offset + data.length;
  };
  await walkOutput(log, stretch, { output, gap: () => true }, signal);
  return place;
}

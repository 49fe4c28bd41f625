import type { Encoding, Include, LogEntry, OutputStream } from '@cc-executor/protocol';
import type { LogReader, ReadableLog, ReadFrom } from '../output/readable-log.ts';
import { FairTurn } from './fair-turn.ts';
import { findTail } from './find-tail.ts';
import { Page } from './page.ts';
import { readFrom } from './walk-output.ts';

/** Which part of a log to read. At most one of `afterSeq`, `offset`, `tailBytes` and `tailLines`. */
export interface PageQuery {
  readonly afterSeq?: number | undefined;
  readonly offset?: number | undefined;
  readonly tailBytes?: number | undefined;
  readonly tailLines?: number | undefined;
  readonly maxLines?: number | undefined;
  readonly maxBytes: number;
  readonly encoding: Encoding;
  readonly include: ReadonlySet<Include>;
  readonly stream?: OutputStream | undefined;
}

/** A part of a log, and how to go on after it. */
export interface PageResult {
  readonly entries: LogEntry[];
  readonly nextAfterSeq: number;
  readonly nextOffset: number;
  /** Nothing follows, now or later. */
  readonly atEnd: boolean;
}

/** Where to begin, and which output not to touch. */
interface Place {
  readonly readFrom: ReadFrom;
  readonly from?: number;
  readonly to?: number;
}

/** For how long to read. */
export interface PagePatience {
  /** Until it aborts, a page without an entry waits for one. */
  readonly deadline: AbortSignal;
  /** Nobody wants the page any more. */
  readonly signal: AbortSignal;
}

/** Reads one page. */
export async function readPage(
  log: ReadableLog,
  query: PageQuery,
  { deadline, signal }: PagePatience,
): Promise<PageResult> {
  const lastSeq = log.lastSeq;
  const { readFrom: begin, ...bounds } = await findPlace(log, query, signal);
  const { offset, tailBytes, tailLines, maxLines } = query;
  const mayCut = [offset, tailBytes, tailLines, maxLines].some((value) => value !== undefined);
  await using reader = log.reader(begin);
  const page = new Page(reader, { ...query, ...bounds, mayCut });
  // Of a job that floods, no more is read than there was, once there is something to answer.
  const isEnough = (): boolean =>
    page.isFull ||
    signal.aborted ||
    (reader.afterSeq >= lastSeq && (page.entries.length > 0 || deadline.aborted));
  for (;;) {
    const wasClosed = log.isClosed;
    const isDry = await fill(page, reader, isEnough);
    const atEnd = isAtEnd(log, reader) || (isDry && wasClosed);
    if (atEnd || page.isFull || page.entries.length > 0 || deadline.aborted) {
      const { entries, nextAfterSeq, nextOffset } = page;
      return { entries, nextAfterSeq, nextOffset, atEnd };
    }
    // Something may have been appended while the log was read.
    if (reader.afterSeq >= log.lastSeq) await log.changed(deadline);
  }
}

async function findPlace(log: ReadableLog, query: PageQuery, signal: AbortSignal): Promise<Place> {
  const { afterSeq = 0, offset, tailBytes, tailLines, maxBytes, stream } = query;
  if (tailLines !== undefined) {
    const { from, to } = await findTail(log, { lines: tailLines, maxBytes, stream }, signal);
    return { readFrom: readFrom(from), from, to };
  }
  const from = tailBytes === undefined ? offset : Math.max(0, log.outputBytes - tailBytes);
  if (from !== undefined) return { readFrom: readFrom(from), from };
  return { readFrom: afterSeq === 0 ? { afterSeq, afterOffset: 0 } : { afterSeq } };
}

/** Puts on a page what there is. @returns whether nothing more is there now */
async function fill(page: Page, reader: LogReader, isEnough: () => boolean): Promise<boolean> {
  const turn = new FairTurn();
  while (!isEnough()) {
    if (turn.isOver) await turn.next();
    const entry = reader.peek();
    if (entry !== undefined) page.take(entry);
    else if (!(await reader.load())) return true;
  }
  return false;
}

function isAtEnd(log: ReadableLog, reader: LogReader): boolean {
  return log.isClosed && reader.afterSeq >= log.lastSeq;
}

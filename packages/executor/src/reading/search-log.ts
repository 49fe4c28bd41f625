import type { OutputStream } from '@cc-executor/protocol';
import type { ReadableLog } from '../output/readable-log.ts';
import { LineSearch, type LineMatch } from './line-search.ts';
import { walkOutput } from './walk-output.ts';

/** Output that one search reads at most. */
const MAX_READ_BYTES = 256 * 1024 * 1024;
/** What is found by one search, about. */
const MAX_FOUND_BYTES = 1024 * 1024;

/** What to look for in a log, and where. */
export interface SearchQuery {
  readonly text: string;
  readonly offset?: number | undefined;
  readonly stream?: OutputStream | undefined;
  readonly contextLines: number;
  readonly maxMatches: number;
}

/** What was found, and how to go on. */
export interface SearchResult {
  readonly matches: LineMatch[];
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly isComplete: boolean;
}

/** Finds lines that hold a text. @param maxReadBytes Output to read at most; entries are read whole. */
export async function searchLog(
  log: ReadableLog,
  query: SearchQuery,
  signal: AbortSignal,
  maxReadBytes = MAX_READ_BYTES,
): Promise<SearchResult> {
  const { offset = 0, stream, contextLines, maxMatches } = query;
  const isClosed = log.isClosed;
  const end = log.outputBytes;
  const from = Math.min(end, Math.max(offset, log.firstOffset));
  const to = Math.min(end, from + maxReadBytes);
  const text = Buffer.from(query.text);
  const search = new LineSearch({ text, contextLines, maxMatches, maxFoundBytes: MAX_FOUND_BYTES });
  let place = from;
  let firstKept: number | undefined;
  await walkOutput(
    log,
    { from, to, stream },
    {
      output: (data, at) => {
        search.push(data, at);
        place = at + data.length;
        return !search.isDone;
      },
      gap: (at) => {
        firstKept = at;
        return false;
      },
    },
    signal,
  );
  // What was to be read has just been dropped: what comes after it is searched, and the answer says so.
  if (firstKept !== undefined && place === from) {
    return searchLog(log, { ...query, offset: firstKept }, signal, maxReadBytes);
  }
  const isCut = firstKept !== undefined || signal.aborted;
  const stop = isCut || search.isDone ? place : Math.max(place, to);
  const isAll = stop >= end;
  const rest = finishLine(search, { from, stop, isBound: !isCut && !isAll, isClosed });
  const nextOffset = search.isFull ? search.nextOffset : rest;
  const isComplete = nextOffset >= end || (isAll && !search.isFull);
  return { matches: search.matches, fromOffset: from, nextOffset, isComplete };
}

/** How reading came to an end. */
interface Stop {
  readonly from: number;
  readonly stop: number;
  /** As much was read as one search may. */
  readonly isBound: boolean;
  /** The log has ended. */
  readonly isClosed: boolean;
}

/** Deals with the line that reading stopped in. @returns where to search on */
function finishLine(search: LineSearch, { from, stop, isBound, isClosed }: Stop): number {
  const open = search.openLine;
  if (open === undefined) return stop;
  const { offset, isMatch, resumeOffset } = open;
  if (isBound && offset > from) return offset;
  // A line that is longer than one search is searched in parts, and may be found more than once.
  if (isBound && !isMatch) return resumeOffset > from ? resumeOffset : stop;
  search.endLine(stop);
  // The rest of this line is yet to come, and the text may begin in what there is of it.
  return isBound || isClosed || isMatch ? stop : offset;
}

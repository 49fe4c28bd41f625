import type { ExecutorClient } from '@cc-executor/client';
import type { JobView, LogEntry, MethodResult } from '@cc-executor/protocol';
import { matchLines } from '../view/match-lines.ts';
import { byteRange, type Part, type PartQuery } from './read-part.ts';
import { renderEntries } from './render-entries.ts';

/** Matches that are asked for at once; they have to fit into the answer, too. */
const MAX_MATCHES = 200;

/** A part of what a command has printed. */
export async function readCommandOutput(
  client: ExecutorClient,
  view: JobView,
  query: PartQuery,
  signal: AbortSignal,
): Promise<Part> {
  if (query.search !== undefined) return searchOutput(client, view, { ...query, text: query.search }, signal);
  const { jobId } = view;
  const { afterSeq, offset, tailLines, headLines, stream, maxBytes } = query;
  const isByByte = afterSeq === undefined && tailLines === undefined;
  let from: object = { afterSeq, tailLines, ...(isByByte && { offset: offset ?? 0 }) };
  for (;;) {
    const page: MethodResult<'job/read'> = await client.call(
      'job/read',
      { jobId, ...from, stream, maxBytes, maxLines: headLines },
      { signal },
    );
    const lines = [...cutNote(page.entries, query), ...renderEntries(page.entries)];
    // A page may hold nothing that is shown, such as changes of state.
    if (lines.length > 0 || page.atEnd || page.entries.length === 0) {
      return { facts: { ...shownFact(page.entries, view), ...nextFacts(page, afterSeq) }, lines };
    }
    from = { afterSeq: page.nextAfterSeq };
  }
}

/** When `max_bytes` did not reach back to the beginning of the last lines. */
function cutNote(entries: readonly LogEntry[], { tailLines, maxBytes }: PartQuery): string[] {
  if (tailLines === undefined) return [];
  const output = entries.filter((entry) => entry.type === 'output');
  const bytes = output.reduce((sum, entry) => sum + entry.bytes, 0);
  // A character that is cut leaves up to three bytes of room.
  return bytes < maxBytes - 3 ? [] : [`… max_bytes=${maxBytes} reaches back to here …`];
}

function shownFact(entries: readonly LogEntry[], view: JobView): { shown?: string } {
  const output = entries.filter((entry) => entry.type === 'output');
  const [first, last] = [output[0], output.at(-1)];
  if (first === undefined || last === undefined) return {};
  return { shown: byteRange(first.offset, last.offset + last.bytes, view) };
}

function nextFacts(page: MethodResult<'job/read'>, afterSeq: number | undefined): Part['facts'] {
  const next =
    afterSeq === undefined ? { next_offset: page.nextOffset } : { next_after_seq: page.nextAfterSeq };
  return { ...next, at_end: page.atEnd };
}

async function searchOutput(
  client: ExecutorClient,
  view: JobView,
  { text, offset, stream, contextLines, maxBytes }: PartQuery & { readonly text: string },
  signal: AbortSignal,
): Promise<Part> {
  const { jobId } = view;
  const params = { jobId, text, offset, stream, contextLines, maxMatches: MAX_MATCHES };
  const result = await client.call('job/search', params, { signal });
  const matches = result.matches.map(({ offset: place, ...match }) => ({ place, ...match }));
  const { lines, shown, nextPlace } = matchLines(matches, text, maxBytes);
  const nextOffset = nextPlace ?? result.nextOffset;
  return {
    facts: {
      matches: shown,
      searched: byteRange(result.fromOffset, nextOffset, view),
      next_offset: nextOffset,
      complete: result.isComplete && nextPlace === undefined,
    },
    lines,
  };
}

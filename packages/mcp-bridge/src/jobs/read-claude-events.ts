import type { ExecutorClient } from '@cc-executor/client';
import type { JobView } from '@cc-executor/protocol';
import { matchLines, type Match } from '../view/match-lines.ts';
import { claudeLines } from './claude-lines.ts';
import type { Part, PartQuery } from './read-part.ts';

/** How far back from the end the last lines are looked for, in raw bytes of what the CLI has written. */
const TAIL_BYTES = [64 * 1024, 1024 * 1024, 16 * 1024 * 1024];
/** Text that one search looks at, in characters. */
const MAX_SEARCH_CHARS = 16 * 1024 * 1024;

/** A part of what a Claude said and did. Its raw output is the business of nobody here. */
export async function readClaudeEvents(
  client: ExecutorClient,
  view: JobView,
  query: PartQuery,
  signal: AbortSignal,
): Promise<Part> {
  const { afterSeq = 0, tailLines, headLines, search, contextLines, maxBytes } = query;
  if (tailLines !== undefined) return readTail(client, view, tailLines, maxBytes, signal);
  const entries = claudeLines(client, view, { afterSeq }, signal);
  if (search !== undefined) return findIn(entries, { text: search, contextLines, maxBytes, afterSeq });
  const lines: string[] = [];
  let [nextAfterSeq, chars] = [afterSeq, 0];
  for await (const entry of entries) {
    const more = entry.lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (more > 0 && lines.length > 0 && chars + more > maxBytes) break;
    lines.push(...entry.lines);
    chars += more;
    // Lines of an entry that is shown in part come again.
    if (headLines !== undefined && lines.length > headLines) break;
    nextAfterSeq = entry.seq;
    if (headLines !== undefined && lines.length === headLines) break;
  }
  return { facts: nextFacts(view, nextAfterSeq), lines: lines.slice(0, headLines) };
}

async function readTail(
  client: ExecutorClient,
  view: JobView,
  count: number,
  maxChars: number,
  signal: AbortSignal,
): Promise<Part> {
  for (const tailBytes of TAIL_BYTES) {
    let lines: string[] = [];
    let nextAfterSeq = 0;
    for await (const entry of claudeLines(client, view, { tailBytes }, signal)) {
      if (entry.lines.length > 0) lines = [...lines, ...entry.lines].slice(-count);
      nextAfterSeq = entry.seq;
    }
    const isAll = tailBytes >= view.outputBytes || tailBytes === TAIL_BYTES.at(-1);
    if (lines.length === count || isAll) {
      return { facts: nextFacts(view, nextAfterSeq), lines: lastThatFit(lines, maxChars) };
    }
  }
  return { facts: {}, lines: [] };
}

function lastThatFit(lines: readonly string[], maxChars: number): string[] {
  let chars = 0;
  const first = lines.findLastIndex((line) => (chars += line.length + 1) > maxChars);
  return lines.slice(Math.min(first + 1, Math.max(0, lines.length - 1)));
}

/** How to look for a text. */
interface FindOptions {
  readonly text: string;
  readonly contextLines: number;
  readonly maxBytes: number;
  readonly afterSeq: number;
}

async function findIn(
  entries: ReturnType<typeof claudeLines>,
  { text, contextLines, maxBytes, afterSeq }: FindOptions,
): Promise<Part> {
  const matches: (Match & { readonly after: string[] })[] = [];
  let before: string[] = [];
  let [nextAfterSeq, searchedChars, foundChars] = [afterSeq, 0, 0];
  let isStopped = false;
  for await (const { seq, lines } of entries) {
    for (const line of lines) {
      searchedChars += line.length;
      for (const { after } of matches.slice(-contextLines - 1)) {
        if (after.length < contextLines) after.push(line);
      }
      if (line.includes(text)) {
        matches.push({ place: seq, line, before, after: [] });
        foundChars += line.length;
      }
      if (contextLines > 0) before = [...before, line].slice(-contextLines);
    }
    nextAfterSeq = seq;
    isStopped = searchedChars > MAX_SEARCH_CHARS || foundChars > maxBytes;
    if (isStopped) break;
  }
  const { lines, shown, nextPlace } = matchLines(matches, text, maxBytes);
  const next = nextPlace === undefined ? nextAfterSeq : nextPlace - 1;
  const complete = nextPlace === undefined && !isStopped;
  return { facts: { matches: shown, next_after_seq: next, complete }, lines };
}

function nextFacts(view: JobView, nextAfterSeq: number): Part['facts'] {
  const isEnded = view.state.status === 'ended';
  return { next_after_seq: nextAfterSeq, at_end: isEnded && nextAfterSeq >= view.lastSeq };
}

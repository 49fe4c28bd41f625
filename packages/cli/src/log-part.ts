import type { ExecutorClient } from '@cc-executor/client';
import type { JobView, LogEntry, MethodInput, MethodResult } from '@cc-executor/protocol';

/** Most that an answer of the executor holds. */
const PAGE_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

/** What to read. */
export interface ReadOptions {
  readonly client: ExecutorClient;
  readonly view: JobView;
  /** The raw output, or what a Claude said and did. */
  readonly include: 'output' | 'event';
  readonly stream?: 'stdout' | 'stderr' | undefined;
}

/** Where reading has come to. */
export interface LogPlace {
  readonly afterSeq: number;
  readonly afterOffset: number;
  /** Nothing follows. */
  readonly isAtEnd: boolean;
}

/** Where every log begins. */
export const logBeginning: LogPlace = { afterSeq: 0, afterOffset: 0, isAtEnd: false };

type Page = MethodResult<'job/read'>;

/** All entries that are there now: what is printed meanwhile is left out, or a job that floods would keep us. */
export async function* readSoFar(options: ReadOptions): AsyncGenerator<LogEntry, LogPlace> {
  for (let afterSeq = 0; ;) {
    const page = await read(options, { afterSeq });
    yield* page.entries;
    ({ nextAfterSeq: afterSeq } = page);
    if (isOver(page) || afterSeq >= options.view.lastSeq) return placeAfter(page);
  }
}

/** The first lines. @returns where to go on */
export async function* readHead(options: ReadOptions, lines: number): AsyncGenerator<LogEntry, LogPlace> {
  let from: Pick<MethodInput<'job/read'>, 'afterSeq' | 'offset'> = { afterSeq: 0 };
  for (let left = lines; ;) {
    const page = await read(options, { ...from, maxLines: left });
    yield* page.entries;
    left -= countLineEnds(page);
    if (isOver(page) || left <= 0 || page.nextOffset >= options.view.outputBytes) return placeAfter(page);
    from = { offset: page.nextOffset };
  }
}

/** The last lines. @returns where to go on */
export async function* readTail(options: ReadOptions, lines: number): AsyncGenerator<LogEntry, LogPlace> {
  const page = await read(options, { tailLines: lines });
  const bytes = outputOf(page).reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes < PAGE_BYTES) {
    yield* page.entries;
    return placeAfter(page);
  }
  // The executor looks back no further than one answer reaches.
  const end = page.nextOffset;
  let offset = await findTail(options, lines, end);
  for (;;) {
    const next = await read(options, { offset });
    yield* next.entries;
    offset = next.nextOffset;
    if (isOver(next) || offset >= end) return placeAfter(next);
  }
}

/** Finds where the last lines before `end` begin, a page at a time from there back. */
async function findTail(options: ReadOptions, lines: number, end: number): Promise<number> {
  // Undefined until the last byte has told whether a line is open at the end.
  let missing: number | undefined;
  for (let to = end; to > options.view.droppedBytes;) {
    const from = Math.max(0, to - PAGE_BYTES);
    const ends: number[] = [];
    let last: number | undefined;
    for (let offset = from; offset < to;) {
      const page = await read(options, { offset, maxBytes: Math.min(PAGE_BYTES, to - offset) });
      for (const entry of outputOf(page)) {
        const bytes = Buffer.from(entry.data, entry.encoding).subarray(0, to - entry.offset);
        last = bytes.at(-1) ?? last;
        for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
          ends.push(entry.offset + at + 1);
        }
      }
      if (isOver(page)) break;
      offset = page.nextOffset;
    }
    if (last !== undefined) missing ??= last === LINE_FEED ? lines + 1 : lines;
    const begin = missing === undefined ? undefined : ends.at(-missing);
    if (begin !== undefined) return begin;
    if (missing !== undefined) missing -= ends.length;
    to = from;
  }
  return 0;
}

function read(
  { client, view, include, stream }: ReadOptions,
  part: Omit<MethodInput<'job/read'>, 'jobId'>,
): Promise<Page> {
  const params = { jobId: view.jobId, stream, encoding: 'base64', maxBytes: PAGE_BYTES } as const;
  return client.call('job/read', { ...params, include: [include], ...part });
}

function placeAfter({ nextAfterSeq, nextOffset, atEnd }: Page): LogPlace {
  return { afterSeq: nextAfterSeq, afterOffset: nextOffset, isAtEnd: atEnd };
}

function isOver({ entries, atEnd }: Page): boolean {
  return atEnd || entries.length === 0;
}

function outputOf({ entries }: Page): Extract<LogEntry, { type: 'output' }>[] {
  return entries.filter((entry) => entry.type === 'output');
}

function countLineEnds(page: Page): number {
  return outputOf(page).reduce((count, { data, encoding }) => {
    const bytes = Buffer.from(data, encoding);
    let ends = 0;
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) ends += 1;
    return count + ends;
  }, 0);
}

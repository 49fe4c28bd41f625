import type { Encoding, Include, LogEntry, OutputStream } from '@cc-executor/protocol';
import type { LogReader, ReadEntry } from '../output/readable-log.ts';
import type { OutputEntry } from '../output/stored-entry.ts';
import { isIncluded, toWire } from '../output/wire-entry.ts';
import { cutAfter, cutBefore } from './character-cut.ts';

const LINE_FEED = 0x0a;
/** However small they are, for each takes a hundred bytes and more on the wire. */
const MAX_ENTRIES = 10_000;

/** What a page holds, and where it begins and ends. */
export interface PageOptions {
  readonly include: ReadonlySet<Include>;
  readonly stream?: OutputStream | undefined;
  readonly encoding: Encoding;
  /** Raw bytes of output and bytes of events. */
  readonly maxBytes: number;
  /** Line ends of output. */
  readonly maxLines?: number | undefined;
  /** Whether output may end inside an entry. Else entries come whole, and at least one. */
  readonly mayCut: boolean;
  /** Output before this raw byte is left out. @default 0 */
  readonly from?: number | undefined;
  /** Output from this raw byte on is left for later. @default none */
  readonly to?: number | undefined;
}

/** Collects entries of a log for one answer. */
export class Page {
  readonly entries: LogEntry[] = [];
  readonly #options: PageOptions;
  readonly #from: number;
  readonly #reader: LogReader;
  #bytes = 0;
  #lines = 0;
  #isFull = false;
  /** Where output was cut. */
  #cutAt: number | undefined;

  constructor(reader: LogReader, options: PageOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#from = options.from ?? 0;
  }

  /** Nothing more belongs on this page. */
  get isFull(): boolean {
    return this.#isFull || this.entries.length >= MAX_ENTRIES;
  }

  /** The last entry whose end is on this page or before. */
  get nextAfterSeq(): number {
    return this.#reader.afterSeq;
  }

  /** The first raw byte of output that comes after this page. */
  get nextOffset(): number {
    return this.#cutAt ?? Math.max(this.#reader.offset, this.#from);
  }

  /** Takes the entry that the reader shows, or leaves it for the next page and is full. */
  take(entry: ReadEntry): void {
    const { include, stream, maxBytes, to = Infinity } = this.#options;
    if (entry.type === 'output') {
      if (entry.offset >= to) this.#isFull = true;
      else if (isIncluded(entry, include) && entry.stream === (stream ?? entry.stream))
        this.#takeOutput(entry);
      else this.#reader.advance();
    } else if (!isIncluded(entry, include)) {
      this.#reader.advance();
    } else {
      const bytes = entry.type === 'event' ? JSON.stringify(entry).length : 0;
      this.#isFull = this.#bytes > 0 && bytes > 0 && this.#bytes + bytes > maxBytes;
      if (this.#isFull) return;
      this.#pass(entry);
      this.#count(bytes);
    }
  }

  #takeOutput(entry: OutputEntry): void {
    const { encoding } = this.#options;
    const { data } = entry;
    const skipped = Math.max(0, this.#from - entry.offset);
    const start =
      encoding === 'utf8' && skipped > 0 ? cutAfter(data, skipped) : Math.min(skipped, data.length);
    if (start === data.length) {
      this.#reader.advance();
      return;
    }
    const end = this.#endOfLines(data, start, this.#endOfBytes(data, start));
    if (end === start) {
      this.#isFull = true;
      this.#cutAt = start === 0 ? undefined : entry.offset + start;
      return;
    }
    const part = { ...entry, offset: entry.offset + start, data: data.subarray(start, end) };
    this.entries.push(toWire(part, encoding));
    if (end < data.length) {
      this.#isFull = true;
      this.#cutAt = entry.offset + end;
    } else {
      this.#reader.advance();
    }
    this.#count(end - start);
  }

  /** Where output that begins at `start` has to end for the sake of `maxBytes`; at `start` if none fits. */
  #endOfBytes(data: Buffer, start: number): number {
    const { encoding, maxBytes, mayCut } = this.#options;
    const room = maxBytes - this.#bytes;
    if (data.length - start <= room) return data.length;
    if (!mayCut) return this.#bytes === 0 ? data.length : start;
    if (encoding === 'base64') return start + room;
    const end = Math.max(start, cutBefore(data, start + room));
    // A page that has no room for one character would be empty for ever.
    return end === start && this.#bytes === 0 ? cutAfter(data, start + 1) : end;
  }

  #endOfLines(data: Buffer, start: number, end: number): number {
    const { maxLines } = this.#options;
    if (maxLines === undefined) return end;
    for (let at = start; at < end;) {
      const lineEnd = data.indexOf(LINE_FEED, at);
      if (lineEnd === -1 || lineEnd >= end) break;
      at = lineEnd + 1;
      this.#lines += 1;
      if (this.#lines < maxLines) continue;
      this.#isFull = true;
      return at;
    }
    return end;
  }

  #pass(entry: Exclude<ReadEntry, OutputEntry>): void {
    this.entries.push(toWire(entry, this.#options.encoding));
    this.#reader.advance();
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#options.maxBytes) this.#isFull = true;
  }
}

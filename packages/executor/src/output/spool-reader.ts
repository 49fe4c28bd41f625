import type { SpoolFile } from './spool-file.ts';
import { decodeRecord, type StoredEntry } from './stored-entry.ts';

/** A place in a log: what was read last, and where the file goes on when that is known. */
export interface LogCursor {
  afterSeq: number;
  position?: number;
}

const READ_BYTES = 256 * 1024;
/** One mark in the index for about this many bytes of the file. */
const INDEX_STEP_BYTES = 64 * 1024;

/** Where a record begins. Only output has an offset: how much came before another entry is not known. */
interface Mark {
  readonly seq: number;
  readonly offset: number | undefined;
  readonly position: number;
}

/** Finds and reads the records of a spool file, with a sparse index that grows as the file is written or read. */
export class SpoolReader {
  readonly #file: SpoolFile;
  readonly #marks: Mark[] = [];

  constructor(file: SpoolFile) {
    this.#file = file;
  }

  /** Notes where a record begins. Records are noted in order. */
  note(entry: StoredEntry, position: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && position < last.position + INDEX_STEP_BYTES) return;
    const offset = entry.type === 'output' ? entry.offset : undefined;
    this.#marks.push({ seq: entry.seq, offset, position });
  }

  /** The next entries after the cursor, about `maxBytes` of them, and moves the cursor. */
  async read(cursor: LogCursor, maxBytes: number): Promise<StoredEntry[]> {
    const entries: StoredEntry[] = [];
    let size = 0;
    const from = cursor.position ?? this.#before((mark) => mark.seq <= cursor.afterSeq + 1);
    for await (const { entry, end } of this.#records(from)) {
      if (entry.seq <= cursor.afterSeq) continue;
      const entryBytes = entry.type === 'output' ? entry.data.length : 0;
      if (entries.length > 0 && size + entryBytes > maxBytes) break;
      entries.push(entry);
      size += entryBytes;
      cursor.afterSeq = entry.seq;
      cursor.position = end;
    }
    return entries;
  }

  /** A cursor at the entry that holds byte `offset` of the output. */
  async seek(offset: number): Promise<LogCursor> {
    const from = this.#before((mark) => mark.offset !== undefined && mark.offset <= offset);
    for await (const { entry, start } of this.#records(from)) {
      if (entry.type === 'output' && entry.offset + entry.data.length > offset) {
        return { afterSeq: entry.seq - 1, position: start };
      }
    }
    return { afterSeq: 0 };
  }

  /** Where the last whole record ends, and its number. */
  async end(): Promise<{ position: number; seq: number; outputBytes: number; isClosed: boolean }> {
    let last = { position: 0, seq: 0, outputBytes: 0, isClosed: false };
    for await (const { entry, end } of this.#records(0)) {
      const outputBytes = entry.type === 'output' ? entry.offset + entry.data.length : last.outputBytes;
      last = { position: end, seq: entry.seq, outputBytes, isClosed: entry.type === 'closed' };
    }
    return last;
  }

  #before(matches: (mark: Mark) => boolean): number {
    return this.#marks.findLast(matches)?.position ?? 0;
  }

  async *#records(from: number): AsyncGenerator<{ entry: StoredEntry; start: number; end: number }> {
    let position = from;
    let length = READ_BYTES;
    for (;;) {
      const bytes = await this.#file.read(position, length);
      let at = 0;
      for (;;) {
        const decoded = decodeRecord(bytes, at);
        if ('neededBytes' in decoded) {
          // A record that is not whole at the end of the file was torn by a crash and is not served.
          if (bytes.length < length || decoded.neededBytes === Number.POSITIVE_INFINITY) return;
          length = Math.max(READ_BYTES, decoded.neededBytes);
          break;
        }
        const start = position + at;
        at += decoded.size;
        this.note(decoded.entry, start);
        yield { entry: decoded.entry, start, end: start + decoded.size };
      }
      position += at;
    }
  }
}

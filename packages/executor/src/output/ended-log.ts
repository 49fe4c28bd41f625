import { stat } from 'node:fs/promises';
import type { ReadableLog } from './output-log.ts';
import { SpoolFile } from './spool-file.ts';
import { SpoolReader, type LogCursor } from './spool-reader.ts';
import type { StoredEntry } from './stored-entry.ts';

/** The log of an ended job, read from its file. */
export class EndedLog implements ReadableLog, AsyncDisposable {
  readonly lastSeq: number;
  readonly outputBytes: number;
  readonly isClosed = true;
  readonly #file: SpoolFile;
  readonly #reader: SpoolReader;

  private constructor(file: SpoolFile, facts: { lastSeq: number; outputBytes: number }) {
    this.#file = file;
    this.#reader = new SpoolReader(file);
    this.lastSeq = facts.lastSeq;
    this.outputBytes = facts.outputBytes;
  }

  /** Opens the log at `path`; one whose file is gone reads as empty. */
  static async open(path: string, facts: { lastSeq: number; outputBytes: number }): Promise<EndedLog> {
    const size = await stat(path).then(
      (stats) => stats.size,
      () => 0,
    );
    return new EndedLog(new SpoolFile(path, size, () => undefined), facts);
  }

  /** Where the last whole record ends. */
  end(): ReturnType<SpoolReader['end']> {
    return this.#reader.end();
  }

  async read(cursor: LogCursor, maxBytes: number): Promise<StoredEntry[]> {
    const entries = await this.#reader.read(cursor, maxBytes);
    // Entries that the disk lost never come: a reader that waited for the last one would spin for ever.
    if (entries.length === 0) cursor.afterSeq = Math.max(cursor.afterSeq, this.lastSeq);
    return entries;
  }

  seek(offset: number): Promise<LogCursor> {
    return this.#reader.seek(offset);
  }

  async changed(): Promise<void> {
    // Nothing changes any more.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

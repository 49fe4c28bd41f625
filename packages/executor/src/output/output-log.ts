import type { OutputStream } from '@cc-executor/protocol';
import { Notifier } from './notifier.ts';
import { SpoolFile } from './spool-file.ts';
import { SpoolReader, type LogCursor } from './spool-reader.ts';
import { encodeRecord, type NewPlainEntry, type StoredEntry } from './stored-entry.ts';

/** What a follower or reader needs of a log, live or ended. */
export interface ReadableLog {
  readonly lastSeq: number;
  readonly outputBytes: number;
  /** Nothing will be appended any more. */
  readonly isClosed: boolean;
  /** The next entries after the cursor, about `maxBytes` of output; moves the cursor. Empty when none is there yet. */
  read(cursor: LogCursor, maxBytes: number): Promise<StoredEntry[]>;
  /** A cursor at the entry that holds byte `offset` of the output. */
  seek(offset: number): Promise<LogCursor>;
  /** Resolves when something was appended or the signal aborts. */
  changed(signal?: AbortSignal): Promise<void>;
}

/** A log on loan: its file stays open until every loan is over. */
export interface LogLoan extends AsyncDisposable {
  readonly log: ReadableLog;
}

/** Why a log takes no more output. */
export interface LogFault {
  readonly code: 'quotaExceeded' | 'diskRefused';
  readonly message: string;
}

/** Recent entries that stay in memory, so that followers who keep up never touch the disk. */
const TAIL_BYTES = 256 * 1024;
/** What an entry costs in memory besides its data. */
const ENTRY_OVERHEAD_BYTES = 256;

interface Recent {
  readonly entry: StoredEntry;
  readonly end: number;
  readonly cost: number;
}

/** Everything that a live job prints and does, numbered, in order; a tail in memory and all of it on disk. */
export class OutputLog implements ReadableLog, AsyncDisposable {
  readonly #file: SpoolFile;
  readonly #reader: SpoolReader;
  readonly #changes = new Notifier();
  readonly #now: () => Date;
  #recent: Recent[] = [];
  #recentBytes = 0;
  #position: number;
  #lastSeq: number;
  #outputBytes: number;
  readonly #maxOutputBytes: number;
  readonly #onFault: (fault: LogFault) => void;
  #isClosed = false;
  /** Output is not kept any more: the quota is full, or the disk refused it. */
  #isFull = false;
  #loans = 0;
  #isReleased = false;

  /**
   * @param maxOutputBytes What a job may print; output beyond it is not kept and `onFault` is told.
   * @param resumeAt Where the log of an earlier executor ended.
   */
  constructor(options: {
    path: string;
    onFault: (fault: LogFault) => void;
    now?: () => Date;
    maxOutputBytes?: number;
    resumeAt?: { position: number; seq: number; outputBytes: number };
  }) {
    const { position = 0, seq = 0, outputBytes = 0 } = options.resumeAt ?? {};
    this.#file = new SpoolFile(options.path, position, (error) =>
      this.#refuse({ code: 'diskRefused', message: `the disk does not take the output: ${error.message}` }),
    );
    this.#reader = new SpoolReader(this.#file);
    this.#onFault = options.onFault;
    this.#maxOutputBytes = options.maxOutputBytes ?? Number.POSITIVE_INFINITY;
    this.#now = options.now ?? (() => new Date());
    this.#position = position;
    this.#lastSeq = seq;
    this.#outputBytes = outputBytes;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get outputBytes(): number {
    return this.#outputBytes;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether whoever appends should wait for `settled`. */
  get isCongested(): boolean {
    return this.#file.isCongested;
  }

  /** Appends an entry; `closed` is the last that a log takes. */
  append(entry: NewPlainEntry): void {
    if (this.#isClosed) return;
    const head = { type: entry.type, seq: this.#lastSeq + 1, at: this.#now().toISOString() };
    // The same members in the order in which people read them.
    this.#push({ ...head, ...entry });
    if (entry.type === 'closed') this.#isClosed = true;
    this.#changes.notify();
  }

  /** Appends raw output. */
  appendOutput(stream: OutputStream, data: Buffer): void {
    if (data.length === 0 || this.#isFull || this.#isClosed) return;
    if (this.#outputBytes + data.length > this.#maxOutputBytes) {
      const message = `the job printed more than ${this.#maxOutputBytes} bytes`;
      this.#refuse({ code: 'quotaExceeded', message });
      return;
    }
    this.#push({ type: 'output', seq: this.#lastSeq + 1, offset: this.#outputBytes, stream, data });
    this.#outputBytes += data.length;
    this.#changes.notify();
  }

  async read(cursor: LogCursor, maxBytes: number): Promise<StoredEntry[]> {
    const first = this.#recent[0]?.entry.seq ?? this.#lastSeq + 1;
    if (cursor.afterSeq + 1 < first) return this.#reader.read(cursor, maxBytes);
    const entries: StoredEntry[] = [];
    let size = 0;
    for (let index = cursor.afterSeq + 1 - first; index < this.#recent.length; index += 1) {
      const recent = this.#recent[index];
      if (recent === undefined) break;
      const bytes = recent.entry.type === 'output' ? recent.entry.data.length : 0;
      if (entries.length > 0 && size + bytes > maxBytes) break;
      entries.push(recent.entry);
      size += bytes;
      cursor.afterSeq = recent.entry.seq;
      cursor.position = recent.end;
    }
    return entries;
  }

  async seek(offset: number): Promise<LogCursor> {
    await this.#file.settled();
    return this.#reader.seek(offset);
  }

  changed(signal?: AbortSignal): Promise<void> {
    return this.#changes.wait(signal);
  }

  /** Resolves when all that was appended is on disk, or the disk has refused it. */
  settled(): Promise<void> {
    return this.#file.settled();
  }

  /** Lends the log to a reader that may outlive the job. */
  lend(): LogLoan {
    this.#loans += 1;
    let isLent = true;
    return {
      log: this,
      [Symbol.asyncDispose]: async () => {
        if (!isLent) return;
        isLent = false;
        this.#loans -= 1;
        await this.#closeWhenUnused();
      },
    };
  }

  /** Writes what is pending; the file closes when the last loan is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isReleased = true;
    await this.#file.settled();
    await this.#closeWhenUnused();
  }

  async #closeWhenUnused(): Promise<void> {
    if (this.#isReleased && this.#loans === 0) await this.#file[Symbol.asyncDispose]();
  }

  #refuse(fault: LogFault): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#onFault(fault);
  }

  #push(entry: StoredEntry): void {
    const record = encodeRecord(entry);
    const size = record.reduce((sum, part) => sum + part.length, 0);
    this.#reader.note(entry, this.#position);
    this.#position += size;
    this.#lastSeq = entry.seq;
    this.#file.append(record, size);
    const cost = size + ENTRY_OVERHEAD_BYTES;
    this.#recent.push({ entry, end: this.#position, cost });
    this.#recentBytes += cost;
    this.#evict();
  }

  /** What is not yet on disk stays in memory; the spool's own bound keeps that small. */
  #evict(): void {
    let count = 0;
    for (const recent of this.#recent) {
      if (this.#recentBytes <= TAIL_BYTES || recent.end > this.#file.flushedBytes) break;
      this.#recentBytes -= recent.cost;
      count += 1;
    }
    if (count > 0) this.#recent = this.#recent.slice(count);
  }
}

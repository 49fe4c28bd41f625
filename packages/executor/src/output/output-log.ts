import { isUtf8 } from 'node:buffer';
import type { OutputStream } from '@cc-executor/protocol';
import { Demand, type Consumer } from './demand.ts';
import { countInvalidBytes } from './invalid-utf8.ts';
import { countLineEnds } from './line-ends.ts';
import { StoredLogReader, type RecordSource } from './log-reader.ts';
import type { LogCounts } from './log-counts.ts';
import { LogQuota } from './log-quota.ts';
import type { LogSpace } from './log-space.ts';
import { Notifier } from './notifier.ts';
import type { LogLoan, LogReader, ReadableLog, ReadFrom } from './readable-log.ts';
import { RECORD_HEAD_BYTES, recordBytes, recordKinds, writeRecord, type RecordKind } from './record.ts';
import { segmentBytes, type LogRetention } from './retention.ts';
import type { Segment } from './segment.ts';
import { Spool } from './spool.ts';
import type { NewPlainEntry } from './stored-entry.ts';
import { TailMemory } from './tail-memory.ts';

/** Why a log takes no more output. */
export interface LogFault {
  readonly code: 'quotaExceeded' | 'diskRefused';
  readonly message: string;
}

/** What a log is made of. */
export interface OutputLogOptions {
  /** Where its segments lie; made when the first is written. */
  readonly folder: string;
  readonly space: LogSpace;
  readonly retention: LogRetention;
  readonly onFault: (fault: LogFault) => void;
  /** Whether the job must wait, because its log is full of what a follower has not consumed. */
  readonly onBlocked?: (isBlocked: boolean) => void;
  /** Something was dropped and counted. */
  readonly onDropped?: () => void;
  readonly now?: () => Date;
  /** Where the log of an earlier executor ended. */
  readonly resumeAt?: {
    readonly segments: readonly Segment[];
    readonly seq: number;
    readonly outputBytes: number;
  };
}

/** Bytes on their way to disk above which the source is to stop, and below which it may go on. */
const MAX_PENDING_BYTES = 2 * 1024 * 1024;
const LOW_PENDING_BYTES = 1024 * 1024;

/** Everything that a live job prints and does, numbered, in order; a tail in memory and all that is kept on disk. */
export class OutputLog implements ReadableLog, AsyncDisposable {
  readonly #demand: Demand;
  readonly #quota: LogQuota;
  readonly #options: OutputLogOptions;
  readonly #memory: TailMemory;
  readonly #spool: Spool;
  readonly #source: RecordSource;
  /** Something was appended. */
  readonly #changes = new Notifier();
  /** There may be room again. */
  readonly #room = new Notifier();
  readonly #now: () => Date;
  #lastSeq: number;
  #outputBytes: number;
  #invalidBytes = 0;
  #isClosed = false;
  /** Output is not kept any more: the quota is full, or the disk refused it. */
  #isRefusing = false;
  #loans = 0;
  #isOver = false;

  constructor(options: OutputLogOptions) {
    const { folder, space, retention, resumeAt = { segments: [], seq: 0, outputBytes: 0 } } = options;
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#lastSeq = resumeAt.seq;
    this.#outputBytes = resumeAt.outputBytes;
    this.#memory = new TailMemory(space.memory, resumeAt.segments.at(-1)?.end ?? 0);
    this.#spool = new Spool({
      folder,
      space,
      memory: this.#memory,
      segmentBytes: segmentBytes(retention),
      countsLines: retention.maxLines !== Number.POSITIVE_INFINITY,
      segments: resumeAt.segments,
      onDiskFull: () => this.#quota.giveWay(),
      onFault: (error) => this.#refuse({ code: 'diskRefused', message: describeRefusal(folder, error) }),
      onFlushed: () => {
        this.#quota.enforce();
        this.#room.notify();
      },
    });
    this.#demand = new Demand(() => this.#quota.enforce());
    this.#quota = new LogQuota({
      retention,
      space,
      spool: this.#spool,
      demand: this.#demand,
      onExceeded: (message) => this.#refuse({ code: 'quotaExceeded', message }),
      onBlocked: (isBlocked) => {
        options.onBlocked?.(isBlocked);
        if (!isBlocked) this.#room.notify();
      },
      onDropped: () => options.onDropped?.(),
    });
    this.#source = this.#createSource();
  }

  get firstSeq(): number {
    return this.#spool.segments[0]?.firstSeq ?? this.#lastSeq + 1;
  }

  get firstOffset(): number {
    return this.#spool.segments[0]?.firstOffset ?? this.#outputBytes;
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

  get isBlocked(): boolean {
    return this.#quota.isBlocked;
  }

  get counts(): LogCounts {
    return {
      outputBytes: this.#outputBytes,
      droppedBytes: this.firstOffset,
      droppedLines: this.#quota.droppedLines,
      invalidBytes: this.#invalidBytes,
      storedBytes: this.#spool.bytes,
    };
  }

  /** Whether whoever appends should wait for `ready`: the disk is behind, or a follower is. */
  get isFull(): boolean {
    return this.isBlocked || this.#spool.pendingBytes > MAX_PENDING_BYTES;
  }

  /** Resolves when more may be appended. */
  async ready(): Promise<void> {
    while (this.isBlocked || this.#spool.pendingBytes > LOW_PENDING_BYTES) await this.#room.wait();
  }

  /** Appends an entry; `closed` is the last that a log takes. */
  append(entry: NewPlainEntry): void {
    if (this.#isClosed) return;
    const head = { type: entry.type, seq: this.#lastSeq + 1, at: this.#now().toISOString() };
    // The same members in the order in which people read them.
    this.#push(recordKinds.plain, [Buffer.from(JSON.stringify({ ...head, ...entry }))]);
    if (entry.type === 'closed') this.#isClosed = true;
    this.#changes.notify();
  }

  /** Appends raw output, which may come in parts. */
  appendOutput(stream: OutputStream, parts: readonly Buffer[]): void {
    if (this.#isRefusing || this.#isClosed) return;
    this.#push(recordKinds[stream], parts);
    this.#quota.enforce();
    this.#changes.notify();
  }

  /** A follower of the output begins, at a byte of it. */
  join(offset: number): Consumer {
    return this.#demand.join(offset);
  }

  /** The job is being ended: from now on it waits for no follower. */
  release(): void {
    this.#quota.release();
  }

  /** Drops what is too old. To be called now and then. */
  sweep(): void {
    this.#quota.dropOlderThan(this.#now().getTime());
  }

  reader(from: ReadFrom): LogReader {
    return new StoredLogReader(this.#source, from);
  }

  changed(signal?: AbortSignal): Promise<void> {
    return this.#changes.wait(signal);
  }

  /** Resolves when all that was appended is on disk, or the disk has refused it. */
  settled(): Promise<void> {
    return this.#spool.settled();
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
        await this.#endWhenUnused();
      },
    };
  }

  /** Writes what is pending; memory is given back when the last loan is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.release();
    await this.#spool[Symbol.asyncDispose]();
    await this.#endWhenUnused();
  }

  async #endWhenUnused(): Promise<void> {
    if (!this.#isOver || this.#loans > 0) return;
    this.#demand[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
  }

  #refuse(fault: LogFault): void {
    if (this.#isRefusing) return;
    this.#isRefusing = true;
    this.#quota.suspend();
    this.#room.notify();
    this.#options.onFault(fault);
  }

  #push(kind: RecordKind, payload: readonly Buffer[]): void {
    const payloadBytes = payload.reduce((sum, part) => sum + part.length, 0);
    if (payloadBytes === 0) return;
    const seq = this.#lastSeq + 1;
    const offset = this.#outputBytes;
    const bytes = recordBytes(payloadBytes);
    const { buffer, at } = this.#memory.extend(bytes, seq);
    writeRecord(buffer, at, { seq, kind, offset, payload, payloadBytes });
    this.#lastSeq = seq;
    let lines: number | undefined;
    if (kind !== recordKinds.plain) {
      this.#outputBytes += payloadBytes;
      const data = buffer.subarray(at + RECORD_HEAD_BYTES, at + RECORD_HEAD_BYTES + payloadBytes);
      lines = this.#measure(data);
    }
    this.#spool.append({ bytes, seq, offset, endOffset: this.#outputBytes, lines });
  }

  #measure(data: Buffer): number | undefined {
    if (!isUtf8(data)) this.#invalidBytes += countInvalidBytes(data);
    if (this.#options.retention.maxLines === Number.POSITIVE_INFINITY) return undefined;
    const lines = countLineEnds(data);
    this.#quota.addLines(lines);
    return lines;
  }

  #createSource(): RecordSource {
    const memory = this.#memory;
    const spool = this.#spool;
    const outputBytes = (): number => this.#outputBytes;
    const lastSeq = (): number => this.#lastSeq;
    return {
      memory,
      closing: undefined,
      get segments() {
        return spool.segments;
      },
      get flushed() {
        return spool.flushed;
      },
      get end() {
        return memory.end;
      },
      get lastSeq() {
        return lastSeq();
      },
      get outputBytes() {
        return outputBytes();
      },
    };
  }
}

function describeRefusal(folder: string, error: Error): string {
  const isFull = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return isFull
    ? `the disk that holds ${folder} is full: ${error.message}`
    : `the disk does not take the output in ${folder}: ${error.message}`;
}

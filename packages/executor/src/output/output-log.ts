import { isUtf8 } from 'node:buffer';
import type { OutputStream } from '@cc-executor/protocol';
import { Demand, type Consumer } from './demand.ts';
import { countInvalidBytes } from './invalid-utf8.ts';
import { countLineEnds, cutAtLineEnds } from './line-ends.ts';
import { LiveSource, type LogTally } from './live-source.ts';
import { StoredLogReader, type RecordSource } from './log-reader.ts';
import type { LogCounts } from '../log-counts.ts';
import { diskFault, type LogFault } from './log-fault.ts';
import { LogQuota } from './log-quota.ts';
import type { LogSpace } from './log-space.ts';
import { Notifier } from './notifier.ts';
import type { LogLoan, LogReader, ReadableLog, ReadFrom } from './readable-log.ts';
import { Pace } from './pace.ts';
import { RECORD_HEAD_BYTES, recordBytes, recordKinds, writeRecord, type RecordKind } from './record.ts';
import { reserveBytes, segmentBytes, segmentLines, type LogRetention } from './retention.ts';
import type { Segment } from './segment.ts';
import { Spool } from './spool.ts';
import type { NewPlainEntry } from './stored-entry.ts';
import { TailMemory } from './tail-memory.ts';

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

/** One who follows the output of a log, as the log sees it. */
export interface LogConsumer extends Consumer {
  /** All up to this byte of the output is on its way to it. */
  sent(offset: number): void;
}

/** Bytes on their way to disk above which the source is to stop; at half of them it may go on. */
const MAX_PENDING_BYTES = 2 * 1024 * 1024;

/** Everything that a live job prints and does, numbered, in order; a tail in memory and all that is kept on disk. */
export class OutputLog implements ReadableLog, AsyncDisposable {
  readonly #demand: Demand;
  readonly #pace = new Pace(() => this.#room.notify());
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
  readonly #maxPendingBytes: number;
  readonly #tally: LogTally;
  #invalidBytes = 0;
  /** Output is not kept any more: the quota is full, or the disk refused it. */
  #isRefusing = false;
  readonly #unused = Promise.withResolvers<void>();
  #loans = 0;
  #isOver = false;

  constructor(options: OutputLogOptions) {
    const { folder, space, retention, resumeAt = { segments: [], seq: 0, outputBytes: 0 } } = options;
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#maxPendingBytes = Math.min(MAX_PENDING_BYTES, reserveBytes(retention) / 2);
    this.#tally = { lastSeq: resumeAt.seq, outputBytes: resumeAt.outputBytes, closing: undefined };
    this.#memory = new TailMemory(space.memory, resumeAt.segments.at(-1)?.end ?? 0);
    this.#spool = new Spool({
      folder,
      space,
      memory: this.#memory,
      segmentBytes: segmentBytes(retention),
      segmentLines: segmentLines(retention),
      segments: resumeAt.segments,
      onDiskFull: () => this.#quota.giveWay(),
      onFault: (error) => this.#refuse(diskFault(folder, error)),
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
    this.#source = new LiveSource(this.#memory, this.#spool, this.#tally);
  }

  get firstSeq(): number {
    return this.#spool.segments[0]?.firstSeq ?? this.#tally.lastSeq + 1;
  }

  get firstOffset(): number {
    return this.#spool.segments[0]?.firstOffset ?? this.#tally.outputBytes;
  }

  get lastSeq(): number {
    return this.#tally.lastSeq;
  }

  get outputBytes(): number {
    return this.#tally.outputBytes;
  }

  get isClosed(): boolean {
    return this.#tally.closing !== undefined;
  }

  get isBlocked(): boolean {
    return this.#quota.isBlocked;
  }

  get counts(): LogCounts {
    return {
      outputBytes: this.#tally.outputBytes,
      droppedBytes: this.firstOffset,
      droppedLines: this.#quota.droppedLines,
      invalidBytes: this.#invalidBytes,
      storedBytes: this.#spool.bytes,
    };
  }

  /** Whether whoever appends should wait for `ready`: the disk is behind, or a follower is. */
  get isFull(): boolean {
    const isBehind = this.#spool.pendingBytes > this.#maxPendingBytes;
    return this.isBlocked || isBehind || this.#pace.isAhead(this.#tally.outputBytes);
  }

  /** Resolves when more may be appended. */
  async ready(): Promise<void> {
    const isBehind = (): boolean => this.#spool.pendingBytes > this.#maxPendingBytes / 2;
    while (this.isBlocked || isBehind() || this.#pace.isResting()) await this.#room.wait();
  }

  /** Appends an entry; `closed` is the last that a log takes. */
  append(entry: NewPlainEntry): void {
    if (this.isClosed) return;
    // The members in the order in which people read them.
    const head = { type: entry.type, seq: this.#tally.lastSeq + 1, at: this.#now().toISOString() };
    const whole = { ...head, ...entry };
    this.#push(recordKinds.plain, [Buffer.from(JSON.stringify(whole))]);
    if (whole.type === 'closed') this.#tally.closing = whole;
    this.#changes.notify();
  }

  /** Appends raw output, which may come in parts. */
  appendOutput(stream: OutputStream, parts: readonly Buffer[]): void {
    if (this.#isRefusing || this.isClosed) return;
    // Lines are dropped with their records, so where they are counted one must not hold too many.
    const pieces = cutAtLineEnds(parts, segmentLines(this.#options.retention));
    for (const piece of pieces) this.#push(recordKinds[stream], piece);
    this.#quota.enforce();
    this.#changes.notify();
  }

  /** A follower of the output begins, at a byte of it. */
  join(offset: number): LogConsumer {
    const consumer = this.#demand.join(offset);
    const runner = this.#pace.join(offset);
    return {
      consumed: (to) => consumer.consumed(to),
      sent: (to) => runner.sent(to),
      leave: (mayReturn) => {
        runner.leave();
        consumer.leave(mayReturn);
      },
    };
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

  /** Resolves when the job is over and nobody has the log on loan any more. */
  get unused(): Promise<void> {
    return this.#unused.promise;
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
    // From now on its files are those of an ended job.
    this.#quota.suspend();
    await this.#endWhenUnused();
  }

  async #endWhenUnused(): Promise<void> {
    if (!this.#isOver || this.#loans > 0) return;
    this.#demand[Symbol.dispose]();
    this.#pace[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    this.#unused.resolve();
  }

  #refuse(fault: LogFault): void {
    // Also when it has refused before: nothing that waits for the disk will be written any more.
    this.#room.notify();
    if (this.#isRefusing) return;
    this.#isRefusing = true;
    this.#quota.suspend();
    this.#options.onFault(fault);
  }

  #push(kind: RecordKind, payload: readonly Buffer[]): void {
    const payloadBytes = payload.reduce((sum, part) => sum + part.length, 0);
    if (payloadBytes === 0) return;
    const seq = this.#tally.lastSeq + 1;
    const offset = this.#tally.outputBytes;
    const bytes = recordBytes(payloadBytes);
    const { buffer, at } = this.#memory.extend(bytes, seq);
    writeRecord(buffer, at, { seq, kind, offset, payload, payloadBytes });
    this.#tally.lastSeq = seq;
    let lines: number | undefined;
    if (kind !== recordKinds.plain) {
      this.#tally.outputBytes += payloadBytes;
      const data = buffer.subarray(at + RECORD_HEAD_BYTES, at + RECORD_HEAD_BYTES + payloadBytes);
      lines = this.#measure(data);
    }
    this.#spool.append({ bytes, seq, offset, endOffset: this.#tally.outputBytes, lines });
  }

  #measure(data: Buffer): number | undefined {
    if (!isUtf8(data)) this.#invalidBytes += countInvalidBytes(data);
    if (this.#options.retention.maxLines === Number.POSITIVE_INFINITY) return undefined;
    const lines = countLineEnds(data);
    this.#quota.addLines(lines);
    return lines;
  }
}

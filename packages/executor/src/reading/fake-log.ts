import type { OutputStream } from '@cc-executor/protocol';
import type { LogReader, ReadableLog, ReadEntry, ReadFrom } from '../output/readable-log.ts';
import type { StoredEntry } from '../output/stored-entry.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A log in memory whose readers show each entry in memory that is used again. */
export class FakeLog implements ReadableLog {
  isClosed = false;
  outputBytes = 0;
  firstSeq = 1;
  firstOffset = 0;
  /** Output bytes that readers have passed. */
  readBytes = 0;
  /** Called before an entry is shown. */
  onLoad: (entry: StoredEntry) => void = () => undefined;
  readonly entries: StoredEntry[] = [];
  #appended = Promise.withResolvers<void>();

  get lastSeq(): number {
    return this.entries.length;
  }

  print(text: string | Buffer, stream: OutputStream = 'stdout'): this {
    const data = Buffer.from(text);
    this.#append({ type: 'output', seq: this.lastSeq + 1, offset: this.outputBytes, stream, data });
    this.outputBytes += data.length;
    return this;
  }

  /** A change of state, which is no output. */
  change(): this {
    this.#append({ type: 'state', seq: this.lastSeq + 1, at, state: { status: 'running', paused: false } });
    return this;
  }

  close(): this {
    const entry = { type: 'closed', outcome: { status: 'succeeded' }, drained: true } as const;
    this.isClosed = true;
    this.#append({ ...entry, seq: this.lastSeq + 1, at });
    return this;
  }

  /** Drops the oldest entries. */
  drop(count: number): this {
    for (const entry of this.entries.slice(this.firstSeq - 1, this.firstSeq - 1 + count)) {
      this.firstSeq += 1;
      if (entry.type === 'output') this.firstOffset += entry.data.length;
    }
    return this;
  }

  reader(from: ReadFrom): LogReader {
    return new FakeReader(this, from);
  }

  async changed(signal?: AbortSignal): Promise<void> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => resolve(), { once: true });
    if (signal?.aborted !== true) await Promise.race([this.#appended.promise, aborted]);
  }

  #append(entry: StoredEntry): void {
    this.entries.push(entry);
    this.#appended.resolve();
    this.#appended = Promise.withResolvers();
  }
}

class FakeReader implements LogReader {
  readonly #log: FakeLog;
  afterSeq: number;
  offset: number;
  #shown: ReadEntry | undefined;

  constructor(log: FakeLog, from: ReadFrom) {
    this.#log = log;
    if ('afterSeq' in from) {
      this.afterSeq = from.afterSeq;
      this.offset = endOf(log.entries.slice(0, from.afterSeq));
    } else {
      const holder = log.entries.find((entry) => endOf([entry]) > from.offset);
      this.afterSeq = holder === undefined ? log.lastSeq : holder.seq - 1;
      this.offset = from.offset;
    }
  }

  peek(): ReadEntry | undefined {
    const shown = this.#shown;
    if (shown?.type !== 'output') return shown;
    const data = Buffer.from(shown.data);
    // Gone as soon as somebody has waited for something.
    queueMicrotask(() => data.fill('!'));
    return { ...shown, data };
  }

  advance(): void {
    const shown = this.#shown;
    if (shown === undefined) throw new Error('nothing was shown');
    this.#shown = undefined;
    if (shown.type === 'gap') {
      this.afterSeq = shown.firstSeq - 1;
      this.offset = this.#log.firstOffset;
      return;
    }
    this.afterSeq = shown.seq;
    if (shown.type !== 'output') return;
    this.#log.readBytes += shown.data.length;
    this.offset = shown.offset + shown.data.length;
  }

  async load(): Promise<boolean> {
    const { entries } = this.#log;
    const next = entries[this.afterSeq];
    if (next === undefined) return false;
    this.#log.onLoad(next);
    const { firstSeq } = this.#log;
    const fromSeq = this.afterSeq + 1;
    const lostBytes = this.#log.firstOffset - this.offset;
    this.#shown = firstSeq > fromSeq ? { type: 'gap', fromSeq, firstSeq, lostBytes } : next;
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // There is nothing to close.
  }
}

/** Raw bytes of output up to the end of the last of these. */
function endOf(entries: readonly StoredEntry[]): number {
  const last = entries.findLast((entry) => entry.type === 'output');
  return last === undefined ? 0 : last.offset + last.data.length;
}

import { RpcError, type JobEntry, type JobState, type LogEntry } from '@cc-executor/protocol';
import type { FakeConnection, FakeHandler, FakeRequest } from './fake-executor.ts';
import { seqOf } from './log-place.ts';

const at = '2026-01-01T00:00:00.000Z';

/** An attachment of one connection. */
interface Reader {
  readonly connection: FakeConnection;
  readonly include: readonly unknown[];
  afterSeq: number;
  /** Not a number when the client has not told it. */
  afterOffset: number;
  creditBytes: number;
}

/** The log of one job as the executor keeps it: replay from any entry, gaps, credit, detaching, an end. */
export class FakeLog {
  readonly jobId = 'j1';
  /** All that is kept. */
  entries: LogEntry[] = [];
  /** Called after each entry that was sent. Closing the socket here cuts between two frames. */
  onSent: (connection: FakeConnection, entry: LogEntry) => void = () => undefined;
  /** Entries before the one asked for that come once more. */
  overlap = 0;
  outputBytes = 0;
  #droppedBytes = 0;
  #droppedSeq = 0;
  #readers: Reader[] = [];

  /** Answers as the executor does. */
  readonly handle: FakeHandler = (request, connection) => {
    const { method, params } = request;
    switch (method) {
      case 'job/start':
        if (params['attach'] !== false) this.#attach(connection, params['attach'] as Record<string, unknown>);
        return { jobId: params['jobId'], state: this.state };
      case 'job/attach':
        this.#attach(connection, params);
        return { jobId: this.jobId, state: this.state, lastSeq: this.lastSeq };
      case 'job/read':
        return this.#read(request);
      case 'job/credit':
        this.#credit(connection, Number(params['bytes']));
        return { jobId: this.jobId, creditBytes: 0 };
      case 'job/detach':
        this.#detach(connection);
        return { jobId: this.jobId };
      case 'job/get':
        return this.view;
      default:
        return { jobId: this.jobId, state: this.state };
    }
  };

  get lastSeq(): number {
    const last = this.entries.at(-1);
    return last === undefined ? this.#droppedSeq : seqOf(last);
  }

  get state(): JobState {
    const last = this.entries.at(-1);
    if (last?.type === 'closed') return { status: 'ended', outcome: last.outcome };
    return { status: 'running', paused: false };
  }

  get view(): Record<string, unknown> {
    const { jobId, state, lastSeq, outputBytes } = this;
    const counts = { outputBytes, droppedBytes: this.#droppedBytes, droppedLines: 0, invalidBytes: 0 };
    const job = { jobId, kind: 'command', title: 'a job', cwd: '/', lane: 'command', createdAt: at };
    return { ...job, ...counts, state, lastSeq, attempts: [], isBlocked: false, attachments: 0 };
  }

  /** What an executor answers that has never heard of the job. */
  unknown(): RpcError {
    return new RpcError('unknownJob', `There is no job ${this.jobId}`, { jobId: this.jobId });
  }

  print(bytes: number): void {
    const seq = this.lastSeq + 1;
    const offset = this.outputBytes;
    this.outputBytes += bytes;
    const data = 'x'.repeat(bytes);
    this.add({ type: 'output', seq, offset, bytes, stream: 'stdout', encoding: 'utf8', data });
  }

  tell(text: string): void {
    this.add({ type: 'event', seq: this.lastSeq + 1, at, event: { type: 'text', text } });
  }

  close(status: 'succeeded' | 'lost' = 'succeeded'): void {
    const outcome = status === 'lost' ? ({ status, message: 'gone' } as const) : ({ status } as const);
    this.add({ type: 'closed', seq: this.lastSeq + 1, at, outcome, drained: true });
  }

  add(entry: LogEntry): void {
    this.entries.push(entry);
    for (const reader of this.#readers) this.#pump(reader);
  }

  /** Drops the oldest entries. */
  drop(count: number): void {
    for (const entry of this.entries.splice(0, count)) {
      this.#droppedSeq = seqOf(entry);
      if (entry.type === 'output') this.#droppedBytes += entry.bytes;
    }
  }

  /** Ends the attachment of a connection, as when nothing goes over it. */
  stall(connection: FakeConnection): void {
    const reader = this.#detach(connection);
    if (reader === undefined) return;
    const { afterSeq, afterOffset } = reader;
    const params = { jobId: this.jobId, type: 'detached', reason: 'stalled', afterSeq, afterOffset };
    connection.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'job/detached', params }));
  }

  #attach(connection: FakeConnection, options: Record<string, unknown>): void {
    const { jobId, lastSeq, outputBytes } = this;
    if (this.#readers.some((reader) => reader.connection === connection)) {
      throw new RpcError('alreadyAttached', 'attached already', { jobId });
    }
    const afterSeq = Number(options['afterSeq'] ?? 0);
    if (afterSeq > lastSeq) {
      throw new RpcError('beyondEnd', `Its log ends at ${lastSeq}`, { jobId, lastSeq, outputBytes });
    }
    const repeated = this.entries.filter((entry) => seqOf(entry) <= afterSeq).slice(-this.overlap);
    const known = {
      afterSeq,
      afterOffset: Number(options['afterOffset'] ?? (afterSeq === 0 ? 0 : Number.NaN)),
    };
    const reader = {
      connection,
      include: (options['include'] as unknown[] | undefined) ?? ['output', 'event'],
      ...(this.overlap > 0 && repeated[0] !== undefined ? before(repeated, known) : known),
      creditBytes: Number(options['creditBytes']),
    };
    this.#readers.push(reader);
    // After the reply.
    setImmediate(() => this.#pump(reader));
  }

  #detach(connection: FakeConnection): Reader | undefined {
    const reader = this.#readers.find((one) => one.connection === connection);
    this.#readers = this.#readers.filter((one) => one !== reader);
    return reader;
  }

  #credit(connection: FakeConnection, bytes: number): void {
    const reader = this.#readers.find((one) => one.connection === connection);
    if (reader === undefined) throw new RpcError('notAttached', 'not attached', { jobId: this.jobId });
    reader.creditBytes += bytes;
    this.#pump(reader);
  }

  #pump(reader: Reader): void {
    const { connection, include } = reader;
    while (this.#readers.includes(reader) && connection.socket.readyState === connection.socket.OPEN) {
      const entry = this.#next(reader);
      if (entry === undefined) return;
      const isLeftOut = (entry.type === 'output' || entry.type === 'event') && !include.includes(entry.type);
      if (entry.type === 'output' && !isLeftOut) {
        if (reader.creditBytes <= 0) return;
        reader.creditBytes -= entry.bytes;
      }
      reader.afterSeq = seqOf(entry);
      if (entry.type === 'output') reader.afterOffset = entry.offset + entry.bytes;
      if (entry.type === 'gap') reader.afterOffset += entry.lostBytes;
      if (isLeftOut) continue;
      const sent: JobEntry = { jobId: this.jobId, ...entry };
      connection.notify(sent);
      this.onSent(connection, entry);
    }
  }

  #next({ afterSeq, afterOffset }: Reader): LogEntry | undefined {
    if (afterSeq >= this.#droppedSeq) return this.entries.find((entry) => seqOf(entry) > afterSeq);
    const lostBytes = this.#droppedBytes - afterOffset;
    return { type: 'gap', fromSeq: afterSeq + 1, firstSeq: this.#droppedSeq + 1, lostBytes };
  }

  #read({ params }: FakeRequest): object {
    const afterSeq = Number(params['afterSeq']);
    const { jobId, state, lastSeq: nextAfterSeq, outputBytes: nextOffset } = this;
    const entries = this.entries.filter((entry) => seqOf(entry) > afterSeq && entry.type !== 'output');
    return { jobId, entries, nextAfterSeq, nextOffset, state, atEnd: true };
  }
}

/** The place before the first of these entries. */
function before(
  entries: readonly LogEntry[],
  { afterOffset }: { readonly afterOffset: number },
): { afterSeq: number; afterOffset: number } {
  const bytes = entries.reduce((sum, entry) => sum + (entry.type === 'output' ? entry.bytes : 0), 0);
  return { afterSeq: Math.max(...entries.map(seqOf)) - entries.length, afterOffset: afterOffset - bytes };
}

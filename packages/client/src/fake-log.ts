import { RpcError, type JobEntry, type JobState, type LogEntry } from '@cc-executor/protocol';
import type { FakeConnection, FakeHandler, FakeRequest } from './fake-executor.ts';

const at = '2026-01-01T00:00:00.000Z';

/** An attachment of one connection. */
interface Reader {
  readonly connection: FakeConnection;
  next: number;
  creditBytes: number;
}

/** The log of one job as the executor keeps it: replay from any entry, credit, an end. */
export class FakeLog {
  readonly jobId = 'j1';
  readonly entries: LogEntry[] = [];
  /** Called after each entry that was sent. Closing the socket here cuts between two frames. */
  onSent: (connection: FakeConnection, entry: LogEntry) => void = () => undefined;
  /** Entries before the one asked for that come once more. */
  overlap = 0;
  #readers: Reader[] = [];

  /** Answers as the executor does. */
  readonly handle: FakeHandler = (request, connection) => {
    const { method, params } = request;
    switch (method) {
      case 'job/start':
        this.#attach(connection, params['attach'] as Record<string, unknown>, 0);
        return { jobId: params['jobId'], state: this.state };
      case 'job/attach':
        this.#attach(connection, params, Number(params['afterSeq']));
        return { jobId: this.jobId, state: this.state, lastSeq: this.lastSeq };
      case 'job/read':
        return this.#read(request);
      case 'job/credit':
        this.#credit(connection, Number(params['bytes']));
        return { jobId: this.jobId, creditBytes: 0 };
      case 'job/detach':
        this.#readers = this.#readers.filter((reader) => reader.connection !== connection);
        return { jobId: this.jobId };
      default:
        return { jobId: this.jobId, state: this.state };
    }
  };

  get lastSeq(): number {
    return seqOf(this.entries.at(-1));
  }

  get state(): JobState {
    const last = this.entries.at(-1);
    if (last?.type === 'closed') return { status: 'ended', outcome: last.outcome };
    return { status: 'running', paused: false };
  }

  /** What an executor answers that has never heard of the job. */
  unknown(): RpcError {
    return new RpcError('unknownJob', `There is no job ${this.jobId}`, { jobId: this.jobId });
  }

  print(bytes: number): void {
    const seq = this.lastSeq + 1;
    const data = 'x'.repeat(bytes);
    this.add({ type: 'output', seq, offset: 0, bytes, stream: 'stdout', encoding: 'utf8', data });
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

  #attach(connection: FakeConnection, options: Record<string, unknown>, afterSeq: number): void {
    if (this.#readers.some((reader) => reader.connection === connection)) {
      throw new RpcError('alreadyAttached', 'attached already', { jobId: this.jobId });
    }
    const next = this.entries.findIndex((entry) => seqOf(entry) > afterSeq);
    const reader = {
      connection,
      next: Math.max(0, (next === -1 ? this.entries.length : next) - this.overlap),
      creditBytes: Number(options['creditBytes']),
    };
    this.#readers.push(reader);
    // After the reply.
    setImmediate(() => this.#pump(reader));
  }

  #credit(connection: FakeConnection, bytes: number): void {
    const reader = this.#readers.find((one) => one.connection === connection);
    if (reader === undefined) throw new RpcError('notAttached', 'not attached', { jobId: this.jobId });
    reader.creditBytes += bytes;
    this.#pump(reader);
  }

  #pump(reader: Reader): void {
    const { connection } = reader;
    for (let entry = this.entries[reader.next]; entry !== undefined; entry = this.entries[reader.next]) {
      if (!this.#readers.includes(reader) || connection.socket.readyState !== connection.socket.OPEN) return;
      if (entry.type === 'output' && reader.creditBytes <= 0) return;
      if (entry.type === 'output') reader.creditBytes -= entry.bytes;
      reader.next += 1;
      const sent: JobEntry = { jobId: this.jobId, ...entry };
      connection.notify(sent);
      this.onSent(connection, entry);
    }
  }

  #read({ params }: FakeRequest): object {
    const afterSeq = Number(params['afterSeq']);
    const entries = this.entries.filter((entry) => seqOf(entry) > afterSeq);
    return { jobId: this.jobId, entries, nextAfterSeq: this.lastSeq, state: this.state, atEnd: true };
  }
}

/** The last entry that is known once this one is. */
export function seqOf(entry: LogEntry | undefined): number {
  if (entry === undefined) return 0;
  return entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
}

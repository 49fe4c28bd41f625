import type {
  ClaudeEvent,
  JobKind,
  JobResult,
  JobView,
  LogEntry,
  MethodResult,
  Outcome,
} from '@cc-executor/protocol';
import type { WebSocket } from 'ws';

const at = '2026-01-01T00:00:00.000Z';

/** A job that does what the test says. */
export class FakeJob {
  readonly jobId: string;
  readonly ended: Promise<void>;
  /** What the job says to have lost. */
  droppedBytes = 0;
  readonly #kind: JobKind;
  readonly #markEnded: () => void;
  readonly #log: LogEntry[] = [];
  readonly #followers = new Set<WebSocket>();
  #outputBytes = 0;
  #outcome: Outcome | undefined;
  #result: JobResult | undefined;

  constructor(jobId: string, kind: JobKind) {
    this.jobId = jobId;
    this.#kind = kind;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#markEnded = resolve;
  }

  print(data: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    const bytes = Buffer.byteLength(data);
    const offset = this.#outputBytes;
    this.#outputBytes += bytes;
    this.#append({ type: 'output', seq: this.#nextSeq, offset, bytes, stream, encoding: 'utf8', data });
  }

  tell(event: ClaudeEvent): void {
    this.#append({ type: 'event', seq: this.#nextSeq, at, event });
  }

  end(outcome: Outcome, result?: JobResult): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#result = result;
    this.#append({
      type: 'closed',
      seq: this.#nextSeq,
      at,
      outcome,
      drained: true,
      ...(result === undefined ? {} : { result }),
    });
    this.#markEnded();
  }

  exit(exitCode: number): void {
    const outcome: Outcome =
      exitCode === 0 ? { status: 'succeeded' } : { status: 'failed', reason: 'exit', exitCode };
    this.end(outcome, { kind: 'command', exitCode, signal: null });
  }

  attach(socket: WebSocket, afterSeq: number): void {
    this.#followers.add(socket);
    for (const entry of this.#log) if (seqOf(entry) > afterSeq) this.#send(socket, entry);
  }

  view(): JobView {
    return {
      jobId: this.jobId,
      kind: this.#kind,
      state:
        this.#outcome === undefined
          ? { status: 'running', paused: false }
          : { status: 'ended', outcome: this.#outcome },
      title: `title of ${this.jobId}`,
      cwd: '/',
      lane: this.#kind,
      createdAt: at,
      startedAt: at,
      ...(this.#outcome === undefined ? {} : { endedAt: '2026-01-01T00:00:41.200Z', drained: true }),
      attempts: [],
      outputBytes: this.#outputBytes,
      droppedBytes: this.droppedBytes,
      droppedLines: 0,
      invalidBytes: 0,
      isBlocked: false,
      lastSeq: this.#log.length,
      attachments: 0,
      ...(this.#result === undefined ? {} : { result: this.#result }),
    };
  }

  /** Pages of one entry after another; bytes and lines are those of the executor as far as the tests need them. */
  read(params: Record<string, unknown>): MethodResult<'job/read'> {
    const {
      afterSeq = 0,
      offset,
      tailBytes,
      tailLines,
      maxLines,
      maxBytes = 0,
    } = params as Record<string, number>;
    const fromByte = tailBytes === undefined ? offset : Math.max(0, this.#outputBytes - tailBytes);
    let from = afterSeq;
    if (fromByte !== undefined) from = this.#log.findIndex((entry) => endByte(entry) > fromByte);
    if (fromByte === 0) from = 0;
    if (from === -1) from = this.#log.length;
    if (tailLines !== undefined)
      from = Math.max(0, this.#log.findLastIndex(({ type }) => type === 'output') + 1 - tailLines);
    const entries: LogEntry[] = [];
    let [bytes, lines] = [0, 0];
    for (const entry of this.#log.slice(from)) {
      if (bytes >= maxBytes || lines >= (maxLines ?? Infinity)) break;
      entries.push(entry);
      bytes += entry.type === 'output' ? entry.bytes : 1;
      if (entry.type === 'output' && entry.data.endsWith('\n')) lines += 1;
    }
    const nextAfterSeq = from + entries.length;
    return {
      jobId: this.jobId,
      entries,
      nextAfterSeq,
      nextOffset: Math.max(0, ...this.#log.slice(0, nextAfterSeq).map(endByte)),
      state: this.view().state,
      atEnd: this.#outcome !== undefined && nextAfterSeq === this.#log.length,
    };
  }

  get #nextSeq(): number {
    return this.#log.length + 1;
  }

  #append(entry: LogEntry): void {
    this.#log.push(entry);
    for (const socket of this.#followers) this.#send(socket, entry);
  }

  #send(socket: WebSocket, entry: LogEntry): void {
    const params = { jobId: this.jobId, ...entry };
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: `job/${entry.type}`, params }), () => undefined);
  }
}

function seqOf(entry: LogEntry): number {
  return entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
}

function endByte(entry: LogEntry): number {
  return entry.type === 'output' ? entry.offset + entry.bytes : 0;
}

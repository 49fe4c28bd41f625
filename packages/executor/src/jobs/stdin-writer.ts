import type { Writable } from 'node:stream';
import { RpcError } from '@cc-executor/protocol';

/** Bytes that may wait for a job to read them. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;
/** Writes that are remembered, so that a repeat is not written twice. */
const MAX_REMEMBERED_WRITES = 1024;

/** A job's standard input: takes writes also before the process runs, each `writeId` once. */
export class StdinWriter {
  readonly #jobId: string;
  readonly #written = new Set<string>();
  #early: Buffer[] = [];
  #stream: Writable | undefined;
  #isClosed = false;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  /** The process runs: what was written so far goes to it. */
  connect(stream: Writable): void {
    this.#stream = stream;
    for (const bytes of this.#early) stream.write(bytes);
    this.#early = [];
    if (this.#isClosed) stream.end();
  }

  /** @throws RpcError `stdinClosed`, or `overloaded` while too much waits to be read. */
  write(writeId: string, bytes: Buffer): void {
    if (this.#written.has(writeId)) return;
    const stream = this.#stream;
    if (this.#isClosed || (stream !== undefined && !stream.writable)) {
      const message = `The standard input of ${this.#jobId} is closed`;
      throw new RpcError('stdinClosed', message, { jobId: this.#jobId });
    }
    const pendingBytes = stream?.writableLength ?? this.#early.reduce((sum, early) => sum + early.length, 0);
    if (pendingBytes + bytes.length > MAX_PENDING_BYTES) {
      const data = {
        what: 'bytes waiting to be read by the job',
        limit: MAX_PENDING_BYTES,
        retryAfterMs: 200,
      };
      throw new RpcError('overloaded', `${this.#jobId} does not read its standard input fast enough`, data);
    }
    this.#remember(writeId);
    if (stream === undefined) this.#early.push(bytes);
    else stream.write(bytes);
  }

  /** No more will be written; closing twice does no harm. */
  close(): void {
    this.#isClosed = true;
    this.#stream?.end();
  }

  #remember(writeId: string): void {
    this.#written.add(writeId);
    if (this.#written.size <= MAX_REMEMBERED_WRITES) return;
    for (const oldest of this.#written) {
      this.#written.delete(oldest);
      break;
    }
  }
}

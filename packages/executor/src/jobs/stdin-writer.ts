import type { Writable } from 'node:stream';
import { RpcError } from '@cc-executor/protocol';

/** Bytes that may wait for a job to read them. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;
/** Writes that may wait, for each of them costs memory however small it is. */
const MAX_PENDING_WRITES = 4096;
/** Writes that are remembered, so that a repeat is not written twice. */
const MAX_REMEMBERED_WRITES = 1024;

/** A job's standard input: takes writes also before the process runs, each `writeId` once. */
export class StdinWriter {
  readonly #jobId: string;
  readonly #written = new Set<string>();
  #early: Buffer[] = [];
  #pendingBytes = 0;
  #pendingWrites = 0;
  #stream: Writable | undefined;
  #isClosed = false;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  /** The process runs: what was written so far goes to it. */
  connect(stream: Writable): void {
    this.#stream = stream;
    for (const bytes of this.#early) this.#send(stream, bytes);
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
    // A single write may be larger than the bound: refused as too early, it would never be taken.
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes.length > MAX_PENDING_BYTES)
      throw this.#overloaded('bytes', MAX_PENDING_BYTES);
    if (this.#pendingWrites >= MAX_PENDING_WRITES) throw this.#overloaded('writes', MAX_PENDING_WRITES);
    this.#remember(writeId);
    this.#pendingBytes += bytes.length;
    this.#pendingWrites += 1;
    if (stream === undefined) this.#early.push(bytes);
    else this.#send(stream, bytes);
  }

  /** No more will be written; closing twice does no harm. */
  close(): void {
    this.#isClosed = true;
    this.#stream?.end();
  }

  #send(stream: Writable, bytes: Buffer): void {
    stream.write(bytes, () => {
      this.#pendingBytes -= bytes.length;
      this.#pendingWrites -= 1;
    });
  }

  #overloaded(what: string, limit: number): RpcError {
    const data = { what: `${what} waiting to be read by the job`, limit, retryAfterMs: 200 };
    return new RpcError('overloaded', `${this.#jobId} does not read its standard input fast enough`, data);
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

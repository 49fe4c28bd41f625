import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Notifier } from './notifier.ts';

/** Bytes that may wait to be written before the writer asks its source to stop. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

/** An append-only file of records, written in batches in the background. */
export class SpoolFile implements AsyncDisposable {
  readonly path: string;
  #handle: Promise<FileHandle> | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #flushedBytes: number;
  #appendedBytes: number;
  #isCut = false;
  #writing: Promise<void> | undefined;
  #fault: Error | undefined;
  readonly #progress = new Notifier();
  readonly #onFault: (fault: Error) => void;

  /**
   * @param startAt Bytes that the file holds already; what follows them is cut off at the first write.
   * @param onFault Told once when the disk refuses; nothing is written from then on.
   */
  constructor(path: string, startAt: number, onFault: (fault: Error) => void) {
    this.path = path;
    this.#flushedBytes = startAt;
    this.#appendedBytes = startAt;
    this.#onFault = onFault;
  }

  /** Bytes that can be read back. */
  get flushedBytes(): number {
    return this.#flushedBytes;
  }

  /** Whether the source should stop until `settled`. */
  get isCongested(): boolean {
    return this.#pendingBytes > MAX_PENDING_BYTES;
  }

  append(record: readonly Buffer[], size: number): void {
    if (this.#fault !== undefined) return;
    this.#pending.push(...record);
    this.#pendingBytes += size;
    this.#appendedBytes += size;
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was appended before is written, or the disk has refused it. */
  async settled(): Promise<void> {
    const appendedBytes = this.#appendedBytes;
    // A source that is faster than the disk would keep whoever waits for the writer to rest.
    while (this.#writing !== undefined && this.#flushedBytes < appendedBytes) await this.#progress.wait();
  }

  /** Reads up to `length` bytes; fewer at the end of what is flushed. */
  async read(position: number, length: number): Promise<Buffer> {
    const available = Math.min(length, this.#flushedBytes - position);
    if (available <= 0) return Buffer.alloc(0);
    const handle = await this.#openForReading();
    if (handle === undefined) return Buffer.alloc(0);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(available), 0, available, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Writes what is pending and closes the file. It is opened again if it is read later. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing !== undefined) await this.#progress.wait();
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) await handle.then((file) => file.close()).catch(() => undefined);
  }

  /** Undefined when the file was removed with its job; a reader must not create it anew. */
  async #openForReading(): Promise<FileHandle | undefined> {
    try {
      return await this.#open();
    } catch (error) {
      this.#handle = undefined;
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #open(flags = 0): Promise<FileHandle> {
    this.#handle ??= open(this.path, constants.O_RDWR | constants.O_NOFOLLOW | flags, 0o600);
    return this.#handle;
  }

  async #write(): Promise<void> {
    // One turn of the loop, so that small records of the same turn share a write.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#pending.length > 0) {
        const batch = this.#pending;
        const size = this.#pendingBytes;
        this.#pending = [];
        const handle = await this.#open(constants.O_CREAT);
        if (!this.#isCut) await handle.truncate(this.#flushedBytes);
        this.#isCut = true;
        // Up to 1024 buffers may go into one call (IOV_MAX).
        for (let index = 0; index < batch.length; index += 1024) {
          await writeFully(handle, batch.slice(index, index + 1024), this.#flushedBytes, (bytes) => {
            this.#flushedBytes += bytes;
          });
        }
        this.#pendingBytes -= size;
        this.#progress.notify();
      }
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(String(error));
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#onFault(this.#fault);
    } finally {
      this.#writing = undefined;
      this.#progress.notify();
    }
  }
}

async function writeFully(
  handle: FileHandle,
  buffers: readonly Buffer[],
  position: number,
  onWritten: (bytes: number) => void,
): Promise<void> {
  const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  let { bytesWritten } = await handle.writev(buffers, position);
  if (bytesWritten < total) {
    const whole = Buffer.concat(buffers);
    while (bytesWritten < total) {
      bytesWritten += (await handle.write(whole, bytesWritten, total - bytesWritten, position + bytesWritten))
        .bytesWritten;
    }
  }
  // Only whole records become readable.
  onWritten(total);
}

import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Segment } from './segment.ts';

/** Buffers that go into one call (IOV_MAX). */
const MAX_BUFFERS = 1024;

/** Writes the segments of one log, one file after the other. */
export class SegmentWriter implements AsyncDisposable {
  #current: { readonly segment: Segment; readonly handle: FileHandle } | undefined;

  /** Writes buffers at a position of the log that lies in this segment. @throws Error of the file system */
  async write(segment: Segment, position: number, buffers: readonly Buffer[]): Promise<void> {
    const handle = await this.#open(segment);
    let at = position - segment.start;
    for (let index = 0; index < buffers.length; index += MAX_BUFFERS) {
      at += await writeFully(handle, buffers.slice(index, index + MAX_BUFFERS), at);
    }
  }

  /** Closes the file that is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.handle.close().catch(() => undefined);
  }

  async #open(segment: Segment): Promise<FileHandle> {
    if (this.#current?.segment === segment) return this.#current.handle;
    await this[Symbol.asyncDispose]();
    const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
    const flags = O_WRONLY | O_CREAT | O_NOFOLLOW;
    const handle = await open(segment.path, flags, 0o600).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await mkdir(dirname(segment.path), { recursive: true, mode: 0o700 });
      return open(segment.path, flags, 0o600);
    });
    this.#current = { segment, handle };
    return handle;
  }
}

async function writeFully(handle: FileHandle, buffers: readonly Buffer[], position: number): Promise<number> {
  const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  let { bytesWritten } = await handle.writev(buffers, position);
  if (bytesWritten < total) {
    // A disk that is nearly full takes a part.
    const whole = Buffer.concat(buffers);
    while (bytesWritten < total) {
      const at = position + bytesWritten;
      bytesWritten += (await handle.write(whole, bytesWritten, total - bytesWritten, at)).bytesWritten;
    }
  }
  return total;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

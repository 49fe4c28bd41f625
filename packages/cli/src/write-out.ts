import type { Writable } from 'node:stream';

/**
 * Writes and waits until the stream has taken it, so that a slow reader slows down the job.
 *
 * @throws Error of the stream; `EPIPE` when its reader has gone
 */
export async function writeOut(stream: Writable, data: string | Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.write(data, (error) => (error instanceof Error ? reject(error) : resolve()));
  await promise;
}

/** Whether whoever read our output has gone. */
export function isOutputClosed(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}

import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { after } from './duration.ts';

/**
 * Waits until the streams have ended, which takes somebody who reads them. When the time is over first, they are
 * destroyed: a process that left the tree may hold the other end open for ever.
 *
 * @returns Whether both have ended by themselves.
 */
export async function drain(streams: readonly Readable[], timeoutMs: number): Promise<boolean> {
  const destroyAll = (): void => {
    for (const stream of streams) stream.destroy();
  };
  const cancelTimer = after(timeoutMs, destroyAll);
  await Promise.allSettled(streams.map((stream) => finished(stream)));
  cancelTimer();
  return streams.every((stream) => stream.readableEnded);
}

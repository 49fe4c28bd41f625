import type { Readable } from 'node:stream';
import type { OutputStream } from '@cc-executor/protocol';
import { OutputCutter } from '../output/output-cutter.ts';
import type { OutputLog } from '../output/output-log.ts';

/** What is read in one turn of the loop becomes one entry of at most this size, which is one read of a full pipe. */
const MAX_ENTRY_BYTES = 64 * 1024;

/**
 * Moves a stream of a process into the log, no faster than the disk takes it, and at the log's quota no faster than
 * those who follow it.
 *
 * @returns Resolves when the stream has ended or was destroyed.
 */
export function pump(
  source: Readable,
  stream: OutputStream,
  log: OutputLog,
  onLogged: (stream: OutputStream, data: Buffer) => void,
): Promise<void> {
  const cutter = new OutputCutter();
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let isResting = false;
  const write = (parts: readonly Buffer[]): void => {
    log.appendOutput(stream, parts);
    for (const part of parts) onLogged(stream, part);
  };
  const flush = (): void => {
    const parts = cutter.cut(waiting);
    waiting = [];
    waitingBytes = 0;
    if (parts.length > 0) write(parts);
    if (isResting || !log.isFull) return;
    void rest();
  };
  const rest = async (): Promise<void> => {
    isResting = true;
    source.pause();
    await log.ready();
    isResting = false;
    source.resume();
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  source.on('data', (chunk: Buffer) => {
    if (waitingBytes + chunk.length > MAX_ENTRY_BYTES) flush();
    if (waitingBytes === 0) setImmediate(() => waitingBytes > 0 && flush());
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= MAX_ENTRY_BYTES) flush();
  });
  const finish = (): void => {
    flush();
    const rest = cutter.end();
    if (rest.length > 0) write([rest]);
    resolve();
  };
  // A short command may have closed an empty stream before anybody came to read it.
  if (source.closed) finish();
  else source.once('close', finish);
  return promise;
}

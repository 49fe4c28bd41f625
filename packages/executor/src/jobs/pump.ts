import type { Readable } from 'node:stream';
import type { OutputStream } from '@cc-executor/protocol';
import type { OutputLog } from '../output/output-log.ts';
import { Utf8Boundary } from '../output/utf8-boundary.ts';

/**
 * Moves a stream of a process into the log, no faster than the disk takes it.
 *
 * @returns Resolves when the stream has ended or was destroyed.
 */
export function pump(
  source: Readable,
  stream: OutputStream,
  log: OutputLog,
  onLogged: (stream: OutputStream, data: Buffer) => void,
): Promise<void> {
  const boundary = new Utf8Boundary();
  const write = (data: Buffer): void => {
    if (data.length === 0) return;
    log.appendOutput(stream, data);
    onLogged(stream, data);
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  source.on('data', (chunk: Buffer) => {
    write(boundary.push(chunk));
    if (log.isCongested) {
      source.pause();
      void log.settled().then(() => source.resume());
    }
  });
  const finish = (): void => {
    write(boundary.end());
    resolve();
  };
  // A short command may have closed an empty stream before anybody came to read it.
  if (source.closed) finish();
  else source.once('close', finish);
  return promise;
}

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Hands out the lines of a stream one at a time, as a test waits for them. */
export interface LineReader {
  /** The next line. Rejects when the stream ends before it. */
  next(): Promise<string>;
  /** The first number in the next line: fixtures print pids so. */
  nextNumber(): Promise<number>;
  /** All lines that are left, once the stream has ended. */
  rest(): Promise<string[]>;
  /** Takes the lines that have arrived and have not been handed out. */
  arrived(): string[];
}

/** Reads a stream from now on, line by line. */
export function readLines(stream: Readable): LineReader {
  const lines: string[] = [];
  let wake = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let hasEnded = false;
  const reader = createInterface({ input: stream });
  reader.on('line', (line) => {
    lines.push(line);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  reader.on('close', () => {
    hasEnded = true;
    ended.resolve();
    wake.resolve();
  });

  const next = async (): Promise<string> => {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) return line;
      if (hasEnded) throw new Error('The stream has ended; there is no further line.');
      await wake.promise;
    }
  };
  return {
    next,
    nextNumber: async () => Number(/\d+/.exec(await next())?.[0]),
    rest: async () => {
      await ended.promise;
      return lines.splice(0);
    },
    arrived: () => lines.splice(0),
  };
}

import type { DestinationStream } from 'pino';
import { z } from 'zod';
import type { Output } from './command-context.ts';
import { dim } from './terminal-text.ts';

const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

const LogLine = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().optional(),
  pid: z.unknown(),
  hostname: z.unknown(),
});

/** Where the log goes: JSON lines for programs, lines to read on a terminal. */
export function logDestination(stderr: Output): DestinationStream {
  if (stderr.isTTY !== true) return { write: (line) => void stderr.write(line) };
  return { write: (line) => void stderr.write(`${readableLogLine(line, stderr)}\n`) };
}

/** A JSON line of the log as people read it: time, level, message, facts. */
export function readableLogLine(line: string, stderr: Output): string {
  const { level, time, msg = '', pid: _pid, hostname: _hostname, ...facts } = LogLine.parse(JSON.parse(line));
  const clock = new Date(time).toTimeString().slice(0, 8);
  const words = Object.entries(facts).map(([name, value]) => `${name}=${factText(value)}`);
  const head = `${clock} ${(levelNames[level] ?? String(level)).padEnd(5)} ${msg}`;
  return words.length === 0 ? head : `${head} ${dim(words.join(' '), stderr)}`;
}

function factText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text ?? String(value);
}

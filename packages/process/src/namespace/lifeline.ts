import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ExitStatus } from '../leader.ts';

/** What a warden tells. */
export interface Lifeline {
  /** The leader's pid; undefined when there never was one. */
  readonly pid: Promise<number | undefined>;
  /** How the leader ended; undefined when that could not be told any more. */
  readonly exit: Promise<ExitStatus | undefined>;
}

/** Reads the two lines of a warden. */
export function readLifeline(stream: Readable): Lifeline {
  const pid = Promise.withResolvers<number | undefined>();
  const exit = Promise.withResolvers<ExitStatus | undefined>();
  let isFirst = true;
  const lines = createInterface({ input: stream });
  lines.on('line', (line) => {
    if (isFirst) pid.resolve(Number(line));
    else exit.resolve(fromWaitStatus(Number(line)));
    isFirst = false;
  });
  lines.on('close', () => {
    pid.resolve(undefined);
    exit.resolve(undefined);
  });
  return { pid: pid.promise, exit: exit.promise };
}

/** Reads a status as `wait(2)` gives it. */
export function fromWaitStatus(status: number): ExitStatus {
  const signalNumber = status & 0x7f;
  if (signalNumber === 0) return { code: status >> 8, signal: null };
  const name = signalNames.get(signalNumber);
  // Real-time signals have no name in Node; shells write them as a code.
  return name === undefined ? { code: 128 + signalNumber, signal: null } : { code: null, signal: name };
}

// Where a number has two names, Node uses the first.
const signalNames = new Map(
  (Object.entries(constants.signals) as [NodeJS.Signals, number][])
    .toReversed()
    .map(([name, number]) => [number, name]),
);

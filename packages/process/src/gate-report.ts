import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ExitStatus } from './leader.ts';

/** Why a command did not begin, in the system's words. */
export interface BeginFailure {
  /** What could not be used: the working directory, or the file. */
  readonly what: 'cwd' | 'file';
  /** Such as `ENOENT`. */
  readonly errno: string;
}

/** What a gate tells about its command. Each is undefined when the gate has gone without a word about it. */
export interface GateReport {
  /** The pid of the gate itself as seen from here, if it is in a namespace. */
  readonly warden: Promise<number | undefined>;
  /** The pid of the command as seen from here. Only gates that do not become the command themselves tell it. */
  readonly pid: Promise<number | undefined>;
  /** That it has understood what to do, and begins. Only gates that become the command themselves tell it. */
  readonly told: Promise<boolean>;
  readonly begun: Promise<'begun' | BeginFailure | undefined>;
  /** How the command ended. Only told by gates that have seen it begin. */
  readonly exit: Promise<ExitStatus | undefined>;
}

/** Reads the lines of a gate: `warden N`, `pid N` or `told`, then `begun` or `failed WHAT ERRNO`, and `status N` at the end. */
export function readGateReport(stream: Readable): GateReport {
  const warden = Promise.withResolvers<number | undefined>();
  const pid = Promise.withResolvers<number | undefined>();
  const told = Promise.withResolvers<boolean>();
  const begun = Promise.withResolvers<'begun' | BeginFailure | undefined>();
  const exit = Promise.withResolvers<ExitStatus | undefined>();
  const lines = createInterface({ input: stream });
  lines.on('line', (line) => {
    const [word, first, second] = line.split(' ');
    if (word === 'warden') warden.resolve(Number(first));
    else if (word === 'pid') pid.resolve(Number(first));
    else if (word === 'told') told.resolve(true);
    else if (word === 'begun') begun.resolve('begun');
    else if (word === 'failed') {
      begun.resolve({
        what: first === 'cwd' ? 'cwd' : 'file',
        errno: errnoNames.get(Number(second)) ?? 'unknown',
      });
    } else if (word === 'status') exit.resolve(fromWaitStatus(Number(first)));
  });
  const finish = (): void => {
    for (const { resolve } of [warden, pid, begun, exit]) resolve(undefined);
    told.resolve(false);
  };
  // readline passes on the errors of its input (EPIPE: the gate has gone), after which it never closes.
  lines.on('error', finish);
  lines.on('close', finish);
  // Neither does it notice when its input is destroyed.
  stream.once('close', finish);
  return {
    warden: warden.promise,
    pid: pid.promise,
    told: told.promise,
    begun: begun.promise,
    exit: exit.promise,
  };
}

/** Reads a status as `wait(2)` gives it. */
export function fromWaitStatus(status: number): ExitStatus {
  const signalNumber = status & 0x7f;
  if (signalNumber === 0) return { code: status >> 8, signal: null };
  const signal = signalNames.get(signalNumber);
  // Real-time signals have no name in Node; shells write them as a code.
  return signal === undefined ? { code: 128 + signalNumber, signal: null } : { code: null, signal };
}

const signalNames = namesByNumber(constants.signals as Record<NodeJS.Signals, number>);
const errnoNames = namesByNumber(constants.errno);

/** Where a number has two names, Node uses the first. */
function namesByNumber<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
): ReadonlyMap<number, Name> {
  const entries = Object.entries(numbers) as [Name, number][];
  return new Map(entries.toReversed().map(([name, number]) => [number, name]));
}

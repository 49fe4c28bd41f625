import type { Duplex, Readable } from 'node:stream';
import { collectDiagnosis } from '../diagnosis.ts';
import { ProcessError } from '../errors.ts';
import { readGateReport } from '../gate-report.ts';
import type { Gate } from '../gate.ts';
import { encodeHandover } from '../handover.ts';
import { spawnChild } from '../child.ts';
import type { ExitStatus } from '../leader.ts';
import { explainBeginFailure } from '../spawn-failure.ts';
import { warden } from './warden.ts';

/** What it takes to make namespaces. */
export interface NamespaceTools {
  readonly bwrap: string;
  readonly perl: string;
  /** An open folder `/proc`, from which a process in a namespace can tell its pid outside. */
  readonly procFd: number;
}

const bwrapArguments = [
  // Ends the namespace when the executor dies.
  '--die-with-parent',
  '--unshare-pid',
  // The warden is the namespace's first process, and whatever loses its parent becomes its child.
  '--as-pid-1',
  // Signals to a group reach members only.
  '--new-session',
  '--dev-bind',
  '/',
  '/',
  '--proc',
  '/proc',
];

/**
 * Spawns a namespace with nothing in it but its warden, who waits for a command.
 *
 * bwrap keeps its standard streams open as long as it lives, so that the command's must be others.
 */
export async function spawnNamespaceGate(
  { bwrap, perl, procFd }: NamespaceTools,
  env: Readonly<Record<string, string>>,
): Promise<Gate> {
  const child = await spawnChild(bwrap, [...bwrapArguments, '--', perl, '-f', '-e', warden], {
    cwd: '/',
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe', procFd, 'pipe', 'pipe', 'pipe'],
  });
  const [, , diagnostics, , gate, , stdout, stderr, stdin] = child.streams as [
    ...[null, null, Readable, null, Duplex, null, Readable, Readable, Duplex],
  ];
  // What comes back on a stream that is only written to is its end, and that must be read for it to be closed.
  stdin.resume();
  const diagnosis = collectDiagnosis(diagnostics);
  const report = readGateReport(gate);
  return {
    pid: child.pid,
    exited: child.exited,
    warden: report.warden,
    async open(spec, commandEnv) {
      gate.write(encodeHandover(spec, commandEnv));
      const pid = await report.pid;
      const begun = await report.begun;
      if (pid === undefined || begun === undefined) {
        const { code, signal } = await child.exited;
        const why = (await diagnosis) || `bwrap ended with ${signal ?? code}`;
        throw new ProcessError('spawnFailed', `No namespace could be made: ${why}`, { file: bwrap });
      }
      if (begun !== 'begun') throw await explainBeginFailure(begun, spec);
      if (spec.stdin === 'none') stdin.destroy();
      return {
        pid,
        stdin: spec.stdin === 'pipe' ? stdin : null,
        stdout,
        stderr,
        exited: report.exit.then(async (status) => status ?? (await killed(child.exited))),
      };
    },
    abandon: () => child.abandon(),
    hold: (isHeld) => child.hold(isHeld),
    kill: () => child.kill(),
  };
}

/** The warden has gone without telling how the command ended: with its namespace, by the system's SIGKILL. */
async function killed(gone: Promise<unknown>): Promise<ExitStatus> {
  await gone;
  return { code: null, signal: 'SIGKILL' };
}

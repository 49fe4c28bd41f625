import type { Duplex, Readable, Writable } from 'node:stream';
import { ProcessError } from '../errors.ts';
import { handOver } from '../handed-over.ts';
import { spawnChild, type Gate, type SpawnFailure } from '../leader.ts';
import type { TreeSpec } from '../tree-spec.ts';
import { readLifeline } from './lifeline.ts';
import { warden } from './warden.ts';

/** What it takes to make namespaces. */
export interface NamespaceTools {
  readonly bwrap: string;
  readonly perl: string;
  /** An open folder `/proc`, from which a process in a namespace can tell its pid outside. */
  readonly procFd: number;
}

/**
 * bwrap reads these from a pipe, up to its end, before it does anything: that is the gate. At an end without them
 * it has no file system in which to find the program.
 */
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

const longestDiagnosis = 4096;

/** Spawns bwrap, which waits at its gate. */
export function spawnNamespaceGate(
  spec: TreeSpec,
  env: Readonly<Record<string, string>>,
  { bwrap, perl, procFd }: NamespaceTools,
): Gate | SpawnFailure {
  const handed = handOver(spec, env);
  const args = ['--args', '3', '--', perl, '-f', '-e', warden, '--', ...handed.args];
  const child = spawnChild(bwrap, args, {
    cwd: spec.cwd,
    env: handed.env,
    // bwrap keeps its standard streams open as long as it lives, so the command's are others; see the warden.
    stdio: [
      'ignore',
      'ignore',
      'pipe',
      'pipe',
      'pipe',
      procFd,
      'pipe',
      'pipe',
      spec.stdin === 'pipe' ? 'pipe' : 'ignore',
    ],
  });
  if ('failure' in child) return child;
  const [, , diagnostics, gate, lifeline, , stdout, stderr, stdin] = child.streams as [
    ...[null, null, Readable, Writable, Duplex, null, Readable, Readable, Duplex | null],
  ];
  // What comes back on a stream that is only written to is its end, and that must be read for it to be closed.
  stdin?.resume();
  const diagnosis = collect(diagnostics);
  const { pid: leaderPid, exit } = readLifeline(lifeline);
  // Not told by the warden: it has been killed, or bwrap has.
  const exited = exit.then((status) => status ?? child.exited);
  return {
    pid: child.pid,
    exited: child.exited,
    async open() {
      gate.end(`${bwrapArguments.join('\0')}\0`);
      const pid = await leaderPid;
      if (pid !== undefined) return { pid, stdin, stdout, stderr, exited };
      const { code, signal } = await child.exited;
      const why = (await diagnosis).trim() || `bwrap ended with ${signal ?? code}`;
      throw new ProcessError('spawnFailed', `No namespace could be made: ${why}`, { file: bwrap });
    },
    abandon() {
      for (const stream of child.streams) stream?.destroy();
    },
  };
}

/** Collects the beginning of what a stream says. */
async function collect(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text = (text + chunk).slice(0, longestDiagnosis);
  return text;
}

import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ProcessError } from './errors.ts';
import type { TreeSpec } from './tree-spec.ts';

/** How a process ended: by itself with a code, or by a signal. The other one is null. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The first process of a tree. */
export interface Leader {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves as soon as it has ended, though others may still hold its streams. */
  readonly exited: Promise<ExitStatus>;
}

/**
 * Starts a process in a group and session of its own. When that fails there is no leader, but the system's error.
 */
export function startLeader(
  spec: TreeSpec,
  env: Readonly<Record<string, string>>,
): Leader | { readonly failure: Promise<unknown> } {
  let child: ChildProcess;
  try {
    child = spawn(spec.file, spec.args, {
      argv0: spec.argv0 ?? spec.file,
      cwd: spec.cwd,
      env: { ...env },
      detached: true,
      stdio: [spec.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    // Some failures (E2BIG) are thrown, others (ENOENT) are events.
    return { failure: Promise.resolve(error) };
  }
  if (child.pid === undefined) return { failure: failureOf(child) };
  const { pid, stdin, stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new ProcessError('spawnFailed', 'A stream is missing.');

  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Node reports later failures (of kill) here; nobody calls it, but an unheard 'error' would end the executor.
  child.on('error', () => {});
  // EPIPE and ECONNRESET: the other end is gone, which `exited` and the end of the streams tell anyway.
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => {});
  keepUnreadOutput(child);
  return { pid, stdin, stdout, stderr, exited };
}

/**
 * At a child's exit Node resumes all its streams: whatever nobody has begun to read is thrown away, and a
 * reader that has paused is overrun. It finds them through this list.
 */
function keepUnreadOutput(child: ChildProcess): void {
  (child.stdio as unknown[]).fill(null);
}

function failureOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      resolve(error);
    });
  });
}

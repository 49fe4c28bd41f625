import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

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

/** A process that has been made and waits at the gate: nothing of the command has begun. */
export interface Gate {
  /** The process that was spawned: the leader to be, or the one that holds its namespace. */
  readonly pid: number;
  /** That process's end. */
  readonly exited: Promise<ExitStatus>;
  /** Lets the command begin. @throws ProcessError `spawnFailed` */
  open(): Promise<Leader>;
  /** Gives up: the process ends and the command never begins. */
  abandon(): void;
}

/** A spawn that did not work, with the system's error. */
export interface SpawnFailure {
  readonly failure: Promise<unknown>;
}

/** A child that really has been made. */
export interface Child {
  readonly pid: number;
  /** By file descriptor; null where none is piped. */
  readonly streams: readonly (Readable | Writable | null)[];
  readonly exited: Promise<ExitStatus>;
}

/** Spawns a child in a group and session of its own. When that fails there is no child, but the system's error. */
export function spawnChild(
  file: string,
  args: readonly string[],
  options: Omit<SpawnOptions, 'detached'>,
): Child | SpawnFailure {
  let child: ChildProcess;
  try {
    child = spawn(file, args, { ...options, detached: true });
  } catch (error) {
    // Some failures (E2BIG) are thrown, others (ENOENT) are events.
    return { failure: Promise.resolve(error) };
  }
  if (child.pid === undefined) return { failure: failureOf(child) };
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Node reports later failures (of kill) here; nobody calls it, but an unheard 'error' would end the executor.
  child.on('error', () => {});
  const streams = [...child.stdio] as (Readable | Writable | null)[];
  // EPIPE and ECONNRESET: the other end is gone, which `exited` and the end of the streams tell anyway.
  for (const stream of streams) stream?.on('error', () => {});
  keepUnreadOutput(child);
  return { pid: child.pid, streams, exited };
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
      for (const stream of child.stdio) stream?.destroy();
      resolve(error);
    });
  });
}

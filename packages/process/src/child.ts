import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { ExitStatus } from './leader.ts';
import { explainSpawnFailure } from './spawn-failure.ts';

/** A child that has been made. */
export interface Child {
  readonly pid: number;
  /** By file descriptor; null where none is piped. */
  readonly streams: readonly (Readable | Writable | null)[];
  readonly exited: Promise<ExitStatus>;
  /** Whether it and its streams keep this process from ending by itself. They do at first. */
  hold(isHeld: boolean): void;
  /** SIGKILL. It never reaches a later process of the same pid: nothing happens once the end has been heard of. */
  kill(): void;
  /** Drops all streams, and kills: one that stands still would not notice the end of its streams. */
  abandon(): void;
}

/**
 * Spawns a child in a group and session of its own.
 *
 * @throws ProcessError `argumentsTooLong`, `spawnFailed`.
 */
export async function spawnChild(
  file: string,
  args: readonly string[],
  options: Omit<SpawnOptions, 'detached' | 'env'> & { readonly env: Readonly<Record<string, string>> },
): Promise<Child> {
  let child: ChildProcess;
  try {
    child = spawn(file, args, { ...options, env: { ...options.env }, detached: true });
  } catch (error) {
    // Some failures (E2BIG) are thrown, others (ENOENT) are events.
    throw explainSpawnFailure(error, file);
  }
  if (child.pid === undefined) throw explainSpawnFailure(await failureOf(child), file);
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Node reports later failures (of kill) here; nobody calls it, but an unheard 'error' would end the executor.
  child.on('error', () => {});
  const streams = [...child.stdio] as (Readable | Writable | null)[];
  // EPIPE and ECONNRESET: the other end is gone, which `exited` and the end of the streams tell anyway.
  for (const stream of streams) stream?.on('error', () => {});
  keepUnreadOutput(child);
  const kill = (): void => void child.kill('SIGKILL');
  const abandon = (): void => {
    kill();
    for (const stream of streams) stream?.destroy();
  };
  return {
    pid: child.pid,
    streams,
    exited,
    hold(isHeld) {
      const verb = isHeld ? 'ref' : 'unref';
      child[verb]();
      // Pipes to children are sockets.
      for (const stream of streams) if (stream instanceof Socket) stream[verb]();
    },
    kill,
    abandon,
  };
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
      // Without file descriptors Node makes no streams at all, whatever its types say.
      const streams: ChildProcess['stdio'] | undefined = child.stdio;
      for (const stream of streams ?? []) stream?.destroy();
      resolve(error);
    });
  });
}

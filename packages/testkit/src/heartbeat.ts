import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesNaming } from './processes-naming.ts';

/**
 * A folder in which processes beat: each adds to a file of its own, `ROLE-PID` or `ROLE`, at least every 20 ms, and
 * ends when that file is gone. The pid is the one the process knows itself, which outside its namespace means nothing.
 *
 * So a survivor is found by what it does, whatever has become of its parent, its session and its environment.
 */
export interface HeartbeatFolder extends AsyncDisposable {
  /** Absolute path. Programs get it as an argument; nobody else should. */
  readonly path: string;
  /** Resolves when each of these roles has beaten. */
  untilBeaten(roles: readonly string[]): Promise<void>;
  /** The roles that have ever beaten. */
  beaten(): Promise<string[]>;
  /** How many beats there have been, of everybody together. */
  beats(): Promise<number>;
  /** The roles that beat within the time from now on, sorted: a role is in it once for each of its processes. */
  beating(options: { readonly withinMs: number }): Promise<string[]>;
  /**
   * The pids of the live processes that have this folder among their arguments: also one that is stopped has,
   * and beats no more. One that changes its pid all the time may be missed here.
   */
  named(): Promise<number[]>;
  /** Ends whoever beats or is named here, and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a folder for heartbeats. */
export async function openHeartbeatFolder(): Promise<HeartbeatFolder> {
  const path = await mkdtemp(join(tmpdir(), 'heartbeats-'));
  const beaten = async (): Promise<string[]> =>
    [...(await countBeats(path))].filter(([, beats]) => beats > 0).map(([file]) => roleOf(file));
  const named = (): Promise<number[]> => processesNaming(path);
  return {
    path,
    named,
    beaten,
    beats: async () => [...(await countBeats(path)).values()].reduce((sum, beats) => sum + beats, 0),
    untilBeaten: async (roles) => {
      while (!(await beaten().then((found) => roles.every((role) => found.includes(role))))) await sleep(5);
    },
    beating: async ({ withinMs }) => {
      const before = await countBeats(path);
      await sleep(withinMs);
      const after = await countBeats(path);
      return [...after]
        .filter(([file, beats]) => beats > (before.get(file) ?? 0))
        .map(([file]) => roleOf(file))
        .sort();
    },
    [Symbol.asyncDispose]: async () => {
      // Without its file also one that is too quick to be found by its pid ends.
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
      for (let pids = await named(); pids.length > 0; pids = await named()) {
        for (const pid of pids) kill(pid);
        await sleep(5);
      }
    },
  };
}

async function countBeats(path: string): Promise<Map<string, number>> {
  const files = await readdir(path);
  const sizes = files.map(async (file) => [file, (await stat(join(path, file))).size] as const);
  return new Map(await Promise.all(sizes));
}

function roleOf(file: string): string {
  return file.replace(/-\d+$/, '');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

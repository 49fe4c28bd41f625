import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program whose 50 children write into a folder when they last ran. */
export const fiftyChildren = fileURLToPath(new URL('fifty-children.pl', import.meta.url));

/** How many children there are. */
export const CHILDREN = 50;

/** The folder that the children write to. Disposing it ends them. */
export interface TickFolder extends AsyncDisposable {
  readonly path: string;
  /** Resolves when every child has ticked after this time, as of {@link machineMs}. */
  untilAllTicked(afterMs: number): Promise<void>;
  /** When the last of all ticks was. */
  lastTickMs(): Promise<number>;
}

/** Milliseconds of a clock that all processes of the machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Makes a folder for ticks. */
export async function openTickFolder(): Promise<TickFolder> {
  const path = await mkdtemp(join(tmpdir(), 'ticks-'));
  const readTicks = async (): Promise<number[]> => {
    const files = await readdir(path);
    return await Promise.all(files.map(async (file) => Number(await readFile(join(path, file), 'latin1'))));
  };
  return {
    path,
    untilAllTicked: async (afterMs) => {
      for (;;) {
        const ticks = await readTicks();
        if (ticks.filter((tick) => tick > afterMs).length === CHILDREN) return;
        await sleep(2);
      }
    },
    lastTickMs: async () => Math.max(...(await readTicks())),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }),
  };
}

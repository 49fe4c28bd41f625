import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MS = 100;

/** Resident memory of a process over time. */
export class MemoryRecord implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = [];
  readonly #sampling: Promise<void>;

  /** @param readPid asked for each sample: the process may be replaced */
  constructor(readPid: () => number) {
    this.#sampling = this.#sample(readPid);
  }

  /** The most of all samples since a time of `performance.now`, until another. */
  peakBytes(fromMs = 0, untilMs = Number.POSITIVE_INFINITY): number {
    const bytes = this.#samples.flatMap((one) =>
      one.atMs >= fromMs && one.atMs <= untilMs ? [one.bytes] : [],
    );
    return Math.max(...bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#sampling;
  }

  async #sample(readPid: () => number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const bytes = await residentBytes(readPid());
      if (!Number.isNaN(bytes)) this.#samples.push({ atMs: performance.now(), bytes });
      await sleep(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Resident memory of a process; not a number when there is none such. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Time of a processor that a process has used, in ticks of the system. */
export async function usedTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  // The name of the program, which comes second, may hold anything.
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(user) + Number(system);
}

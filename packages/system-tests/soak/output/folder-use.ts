import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MS = 50;
/** What `stat` counts blocks in. */
const BLOCK_BYTES = 512;

/** What the files below a folder take on disk, over time. */
export class FolderRecord implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #sampling: Promise<void>;
  #peakBytes = 0;

  constructor(path: string) {
    this.#sampling = this.#sample(path);
  }

  /** The most of all samples. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#sampling;
  }

  async #sample(path: string): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#peakBytes = Math.max(this.#peakBytes, await usedBytes(path));
      await sleep(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What the files below a folder take on disk. Those that vanish meanwhile count for nothing. */
async function usedBytes(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    if (!entry.isFile()) return 0;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    return (found?.blocks ?? 0) * BLOCK_BYTES;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

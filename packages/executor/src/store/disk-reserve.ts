import { writeFileSync, rmSync, existsSync } from 'node:fs';

/** Enough for the records of hundreds of jobs and what SQLite writes beside them. */
const RESERVE_BYTES = 1024 * 1024;

/** A file that holds some of the disk, to be let go when it is full: what has become of the jobs must be recorded. */
export class DiskReserve {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.restore();
  }

  /** Lets go of it. @returns whether there was one */
  release(): boolean {
    if (!existsSync(this.#path)) return false;
    rmSync(this.#path, { force: true });
    return true;
  }

  /** Takes it again, if the disk has room. */
  restore(): void {
    if (existsSync(this.#path)) return;
    try {
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES), { mode: 0o600, flag: 'wx' });
    } catch {
      // A part of it would be no use, and in the way of others.
      rmSync(this.#path, { force: true });
    }
  }
}

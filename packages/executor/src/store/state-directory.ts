import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's result code when another process holds the lock. */
const SQLITE_BUSY = 5;

/** A state directory that cannot be used; `code` tells why. */
export class StateDirectoryError extends Error {
  override readonly name = 'StateDirectoryError';
  readonly code: 'inUse' | 'notOurs' | 'unusable';

  constructor(code: StateDirectoryError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The folder in which an executor keeps everything. One executor at a time holds it. */
export interface StateDirectory extends Disposable {
  readonly path: string;
  /** Where the logs of the jobs lie. */
  readonly logsPath: string;
  /** Scratch folders of the jobs, emptied at each start. */
  readonly scratchPath: string;
}

/**
 * Opens a state directory, with mode 0700, and locks it.
 *
 * The lock is SQLite's on a file of its own: the kernel lets go of it when the holder dies, however it dies.
 *
 * @throws StateDirectoryError `inUse` when another executor holds it, `notOurs` for a link or another
 * user's folder, `unusable` when it cannot be made or locked.
 */
export async function openStateDirectory(directory: string): Promise<StateDirectory> {
  // A slash at the end would hide that it is a link.
  const path = resolve(directory);
  const logsPath = join(path, 'logs');
  const scratchPath = join(path, 'scratch');
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const stats = await lstat(path);
    if (!stats.isDirectory() || (process.getuid !== undefined && stats.uid !== process.getuid())) {
      throw new StateDirectoryError(
        'notOurs',
        `The state directory ${path} is a link or belongs to somebody else`,
      );
    }
    await checkOurs(path, stats.mode);
    await chmod(path, 0o700);
    await mkdir(logsPath, { recursive: true, mode: 0o700 });
    await checkLogs(logsPath);
  } catch (error) {
    throw toStateDirectoryError(path, error);
  }
  const lock = takeLock(path);
  try {
    // Only the holder may do this: the scratch folders of another executor are in use.
    await rm(scratchPath, { recursive: true, force: true });
    await mkdir(scratchPath, { mode: 0o700 });
  } catch (error) {
    lock.close();
    throw toStateDirectoryError(path, error);
  }
  return { path, logsPath, scratchPath, [Symbol.dispose]: () => lock.close() };
}

/** What is there before the executor itself has been: whoever starts one leaves its lock and a log. */
const STARTERS_NAMES: ReadonlySet<string> = new Set(['start-lock', 'start-lock-journal', 'executor.log']);

/** Bits of a mode that let others write. */
const OTHERS_WRITE = 0o022;

/**
 * Closing a folder to others is right for a state directory only: not for `/tmp`, or a project. In one that others
 * could write to, what is there may be theirs.
 */
async function checkOurs(path: string, mode: number): Promise<void> {
  const names = (await readdir(path)).filter((name) => !STARTERS_NAMES.has(name));
  if (names.length > 0 && (mode & OTHERS_WRITE) !== 0) throw writableByOthers(path);
  if (names.length === 0 || names.includes('lock') || names.includes('executor.db')) return;
  const message = `The folder ${path} has other things in it; a state directory needs a folder of its own`;
  throw new StateDirectoryError('notOurs', message);
}

/** Output is written to files in it by name: it must be ours alone. */
async function checkLogs(path: string): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isDirectory() || (process.getuid !== undefined && stats.uid !== process.getuid())) {
    throw new StateDirectoryError('notOurs', `The folder ${path} is a link or belongs to somebody else`);
  }
  if ((stats.mode & OTHERS_WRITE) !== 0) throw writableByOthers(path);
}

function writableByOthers(path: string): StateDirectoryError {
  const message = `Others may write to ${path}, so what is in it may not be ours. Look at it, then: chmod 700 ${path}`;
  return new StateDirectoryError('notOurs', message);
}

function toStateDirectoryError(path: string, error: unknown): StateDirectoryError {
  if (error instanceof StateDirectoryError) return error;
  return new StateDirectoryError('unusable', `The state directory ${path} cannot be used`, { cause: error });
}

function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(join(path, 'lock'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    return lock;
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw toStateDirectoryError(path, error);
    throw new StateDirectoryError('inUse', `Another executor is using the state directory ${path}`, {
      cause: error,
    });
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

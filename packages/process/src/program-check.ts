import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { errnoOf } from './errno.ts';
import { ProcessError } from './errors.ts';

/** Linux reads so much of a file to find its interpreter. */
const longestShebang = 256;

/**
 * Refuses a program that the system would refuse to start, before anything is spawned: behind a gate that would
 * show only as an exit code. Synchronous, since the file has been looked at just before and is in the cache.
 *
 * @throws ProcessError `programNotFound`, `programNotExecutable`.
 */
export function checkProgram(file: string): void {
  try {
    if (!statSync(file).isFile()) throw notExecutable(file, 'is not a regular file', 'EACCES');
    accessSync(file, constants.X_OK);
  } catch (error) {
    if (error instanceof ProcessError) throw error;
    const errno = errnoOf(error) ?? 'unknown';
    if (errno === 'EACCES') throw notExecutable(file, 'is not executable', errno, error);
    throw new ProcessError('programNotFound', `There is no file ${file}.`, { file, errno }, { cause: error });
  }
  const interpreter = interpreterOf(file);
  if (interpreter !== undefined && !existsSync(interpreter)) {
    throw notExecutable(file, `names an interpreter that does not exist, ${interpreter}`, 'ENOENT');
  }
}

/** The program that the first line of a script names; undefined for other files. */
function interpreterOf(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    // A program may be executed without being readable.
    return undefined;
  }
  try {
    const start = Buffer.alloc(longestShebang);
    const line = start.toString('latin1', 0, readSync(fd, start));
    return /^#![ \t]*(\/[^ \t\n\0]*)[ \t\n]/.exec(line)?.[1];
  } finally {
    closeSync(fd);
  }
}

function notExecutable(file: string, problem: string, errno: string, cause?: unknown): ProcessError {
  return new ProcessError('programNotExecutable', `${file} ${problem}.`, { file, errno }, { cause });
}

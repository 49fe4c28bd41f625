import { access, constants, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { absoluteEntries } from './environment.ts';
import { errnoOf } from './errno.ts';
import { ProcessError } from './errors.ts';

/** A program that was found, ready to be started without another look-up. */
export interface ResolvedProgram {
  /** Absolute path with all links followed. */
  readonly file: string;
  /** The name as it was asked for: programs with several faces (busybox, toolchain shims) look at it. */
  readonly argv0: string;
}

/** Where {@link resolveProgram} looks. */
export interface ResolveOptions {
  /** A PATH value. Relative and empty entries are ignored: they would mean `cwd`. */
  readonly path: string;
  /** Absolute directory that names with a slash are relative to. */
  readonly cwd: string;
}

/**
 * Finds the file a name stands for, as a shell would, but once and for all: what was checked is what will run.
 *
 * @throws ProcessError `programNotFound`, `programNotExecutable`, or `badArgument` (NUL, relative `cwd`).
 */
export async function resolveProgram(name: string, options: ResolveOptions): Promise<ResolvedProgram> {
  if (name.includes('\0')) throw new ProcessError('badArgument', 'A program name contains NUL.');
  if (!isAbsolute(options.cwd)) {
    throw new ProcessError('badArgument', `The working directory ${options.cwd} is not an absolute path.`);
  }

  // All at once: each look takes a trip to a thread, and the program is seldom in the first entry.
  const inspected = await Promise.all(
    candidates(name, options).map(async (candidate) => ({ candidate, found: await inspect(candidate) })),
  );
  for (const { found } of inspected) {
    if (typeof found === 'object') return { file: found.file, argv0: name };
  }
  const unusable = inspected.find(({ found }) => found === 'unusable')?.candidate;
  if (unusable !== undefined) {
    throw new ProcessError('programNotExecutable', `${unusable} is not an executable regular file.`, {
      program: name,
      file: unusable,
    });
  }
  const where = name.includes('/') ? `relative to ${options.cwd}` : 'in any absolute entry of PATH';
  throw new ProcessError('programNotFound', `There is no program ${JSON.stringify(name)} ${where}.`, {
    program: name,
  });
}

function candidates(name: string, { path, cwd }: ResolveOptions): string[] {
  if (name === '') return [];
  if (name.includes('/')) return [resolve(cwd, name)];
  return absoluteEntries(path).map((entry) => join(entry, name));
}

async function inspect(candidate: string): Promise<'absent' | 'unusable' | { file: string }> {
  try {
    const file = await realpath(candidate);
    if (!(await stat(file)).isFile()) return 'unusable';
    await access(file, constants.X_OK);
    return { file };
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? 'unusable' : 'absent';
  }
}

import { access, constants } from 'node:fs/promises';
import { errnoOf } from './errno.ts';
import { ProcessError } from './errors.ts';
import type { BeginFailure } from './gate-report.ts';
import type { TreeSpec } from './tree-spec.ts';

/** Says what an error of the system means for a file that was to be started and has been found before. */
export function explainSpawnFailure(error: unknown, file: string): ProcessError {
  const errno = errnoOf(error) ?? 'unknown';
  const details = { file, errno };
  if (errno === 'E2BIG') return tooLong(details, error);
  return new ProcessError('spawnFailed', `${file} could not be started: ${errno}.`, details, {
    cause: error,
  });
}

/** Says what the failure of a command to begin means. */
export async function explainBeginFailure(
  { what, errno }: BeginFailure,
  spec: TreeSpec,
): Promise<ProcessError> {
  const { file, cwd } = spec;
  if (what === 'cwd') {
    return new ProcessError('cwdNotFound', `The working directory ${cwd} cannot be entered (${errno}).`, {
      cwd,
      errno,
    });
  }
  const details = { file, errno };
  if (errno === 'E2BIG') return tooLong(details);
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'EACCES') {
    if (!(await isThere(file))) {
      return new ProcessError('programNotFound', `There is no file ${file}.`, details);
    }
    const reason = errno === 'EACCES' ? 'is not executable' : 'names an interpreter that does not exist';
    return new ProcessError('programNotExecutable', `${file} ${reason}.`, details);
  }
  return new ProcessError('spawnFailed', `${file} could not be started: ${errno}.`, details);
}

function tooLong(details: { readonly file: string; readonly errno: string }, cause?: unknown): ProcessError {
  return new ProcessError(
    'argumentsTooLong',
    `The arguments and the environment of ${details.file} are too long for the system.`,
    details,
    { cause },
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

import { access, constants } from 'node:fs/promises';
import { errnoOf } from './errno.ts';
import { ProcessError } from './errors.ts';
import type { TreeSpec } from './tree-spec.ts';

/** Says what an error of `child_process.spawn` means for a spec whose values have been checked. */
export async function explainSpawnFailure(error: unknown, spec: TreeSpec): Promise<ProcessError> {
  const errno = errnoOf(error) ?? 'unknown';
  const { file, cwd } = spec;
  const details = { file, errno };
  if (errno === 'E2BIG') {
    return new ProcessError(
      'argumentsTooLong',
      `The ${spec.args.length} arguments and the environment of ${file} are too long for the system.`,
      details,
      { cause: error },
    );
  }
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'EACCES') {
    // Both may have changed since they were checked; and entering a directory needs more than its existence.
    if (!(await isAccessible(cwd, constants.X_OK))) {
      return new ProcessError('cwdNotFound', `The working directory ${cwd} cannot be entered.`, {
        cwd,
        errno,
      });
    }
    if (!(await isAccessible(file, constants.F_OK))) {
      return new ProcessError('programNotFound', `There is no file ${file}.`, details, { cause: error });
    }
    const reason = errno === 'EACCES' ? 'is not executable' : 'names an interpreter that does not exist';
    return new ProcessError('programNotExecutable', `${file} ${reason}.`, details, { cause: error });
  }
  return new ProcessError('spawnFailed', `${file} could not be started: ${errno}.`, details, {
    cause: error,
  });
}

async function isAccessible(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}

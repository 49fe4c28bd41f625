import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { RpcError } from '@cc-executor/protocol';

/**
 * The real path of a job's folder.
 *
 * @throws RpcError `cwdNotFound` unless it is an absolute path of a folder.
 */
export async function resolveCwd(cwd: string): Promise<string> {
  if (!isAbsolute(cwd))
    throw new RpcError('cwdNotFound', `cwd must be an absolute path, not ${cwd}`, { cwd });
  try {
    const [real, stats] = await Promise.all([realpath(cwd), stat(cwd)]);
    if (stats.isDirectory()) return real;
  } catch (error) {
    throw new RpcError('cwdNotFound', `The folder ${cwd} does not exist`, { cwd }, { cause: error });
  }
  throw new RpcError('cwdNotFound', `${cwd} is not a folder`, { cwd });
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProcessError } from './errors.ts';
import type { ResourceLimits } from './resource-limits.ts';

const run = promisify(execFile);
const limitMs = 5_000;

/**
 * Sets limits of a process that waits at its gate. All that it becomes and starts inherits them.
 *
 * @throws ProcessError `limitsUnavailable` when the system refuses, for instance a limit above the one it has set.
 */
export async function setLimits(prlimit: string, pid: number, limits: ResourceLimits): Promise<void> {
  const args = limitArguments(limits);
  if (args.length === 0) return;
  try {
    await run(prlimit, ['--pid', String(pid), ...args], { timeout: limitMs, env: {} });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const why = said === '' ? String(error) : said;
    throw new ProcessError('limitsUnavailable', `The limits could not be set: ${why}`, {}, { cause: error });
  }
}

/** The arguments of prlimit(1). Both the soft and the hard limit are set, so that nobody can raise them again. */
function limitArguments(limits: ResourceLimits): string[] {
  const { openFiles, coreBytes, fileBytes, cpuSeconds, dataBytes } = limits;
  const values: Record<string, string | number | undefined> = {
    nofile: openFiles,
    core: coreBytes,
    fsize: fileBytes,
    // SIGXCPU at the soft limit lets a program end itself; SIGKILL at the hard one ends it.
    cpu: cpuSeconds === undefined ? undefined : `${cpuSeconds}:${cpuSeconds + 1}`,
    data: dataBytes,
  };
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);
}

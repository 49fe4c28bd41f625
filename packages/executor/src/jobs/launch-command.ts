import { basename } from 'node:path';
import { buildEnvironment, ProcessError, resolveProgram, type ResolvedProgram } from '@cc-executor/process';
import { RpcError, type StartCommandParams } from '@cc-executor/protocol';
import { splitPlainWords } from '../policy/plain-words.ts';
import type { Policy } from '../policy/policy.ts';
import type { Launch } from './launch.ts';
import { resolveCwd } from './working-directory.ts';

/** What planning a command rests on. */
export interface CommandLaunchContext {
  readonly policy: Policy;
  /** The executor's own environment, from which jobs get what is listed. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Judges a command and plans its process.
 *
 * @throws RpcError `policyRefused`, `programNotFound`, `cwdNotFound`.
 */
export async function launchCommand(
  params: StartCommandParams,
  context: CommandLaunchContext,
): Promise<Launch> {
  const { policy, environment } = context;
  const words = params.argv ?? splitPlainWords(params.command ?? '');
  if (words === undefined) policy.judgeShell();
  const [name = '', ...args] = words ?? ['bash', '-c', params.command ?? ''];
  const path = environment['PATH'] ?? '';
  // All take several trips to the disk, so they go side by side; what is wrong with the folder is told first.
  const lookUp = findProgram(name, { path, cwd: params.cwd });
  const namesake = findNamesake(name, path);
  lookUp.catch(() => undefined);
  const cwd = await resolveCwd(params.cwd);
  const program = await lookUp;
  await policy.judgeCwd(cwd);
  // A path is judged like the name by which PATH finds the same file: `/bin/ls` like `ls`.
  const known = (await namesake) === program.file ? basename(name) : name;
  const invocation = { name: known, file: program.file, args };
  if (words !== undefined && policy.config.shell !== 'full') policy.judgeCommand(invocation);
  if (policy.config.shell !== 'full') policy.judgeEnvironment(known, Object.keys(params.env ?? {}));
  return {
    kind: 'command',
    tree: {
      ...program,
      args,
      cwd,
      env: buildEnvironment(environment, {
        names: policy.environmentNames(known),
        set: params.env ?? {},
      }),
      stdin: params.stdin,
      // Also where any line may run: what a rule says of a program holds there, too.
      ...(policy.isPortable(invocation) && { containment: 'portable' }),
    },
  };
}

/** The file that PATH finds by the last part of a path. Undefined for a name, and where there is none. */
async function findNamesake(name: string, path: string): Promise<string | undefined> {
  if (!name.includes('/')) return undefined;
  const found = await resolveProgram(basename(name), { path, cwd: '/' }).catch(() => undefined);
  return found?.file;
}

async function findProgram(name: string, options: { path: string; cwd: string }): Promise<ResolvedProgram> {
  try {
    return await resolveProgram(name, options);
  } catch (error) {
    if (error instanceof ProcessError) {
      throw new RpcError('programNotFound', error.message, { program: name }, { cause: error });
    }
    throw error;
  }
}

import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { checkEnvironment } from './environment.ts';
import { errnoOf } from './errno.ts';
import { ProcessError } from './errors.ts';
import { checkLimits, type ResourceLimits } from './resource-limits.ts';

/** What to start. */
export interface TreeSpec {
  /** Names the tree in its members' environment. No other tree of the host may bear it before this one is empty. */
  readonly id: string;
  /** Absolute path of the program; see `resolveProgram`. */
  readonly file: string;
  /** What the program sees as its own name. @default `file` */
  readonly argv0?: string;
  /** Arguments after the name, passed on as they are: no shell reads them. */
  readonly args: readonly string[];
  /** Absolute path of the working directory. */
  readonly cwd: string;
  /** The whole environment, to which the host adds its markers. See `buildEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** `none` is an empty stdin (`/dev/null`). */
  readonly stdin: 'none' | 'pipe';
  /** `portable` keeps this tree out of a namespace of its own, for programs that need privileges. @default the host's */
  readonly containment?: 'portable';
  /** What the system holds every member to. @default no limits but the host's own */
  readonly limits?: ResourceLimits;
  /** Run when the executor dies while the tree lives, for what the tree has started elsewhere (containers). */
  readonly onDeath?: OnDeathCommand;
}

/** A command that ends what a tree has started outside itself. It gets ten seconds. */
export interface OnDeathCommand {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Refuses a spec before anything is started. @throws ProcessError `badArgument`, `cwdNotFound`. */
export async function checkTreeSpec(spec: TreeSpec): Promise<void> {
  if (spec.id === '') throw new ProcessError('badArgument', 'The id of a tree must not be empty.');
  checkText('id', spec.id);
  checkText('argv0', spec.argv0 ?? '');
  checkPath('file', spec.file);
  checkPath('cwd', spec.cwd);
  checkArguments('args', spec.args);
  checkEnvironment(spec.env);
  if (spec.onDeath !== undefined) {
    checkPath('onDeath.file', spec.onDeath.file);
    checkArguments('onDeath.args', spec.onDeath.args);
    checkEnvironment(spec.onDeath.env);
  }
  if (spec.limits !== undefined) checkLimits(spec.limits);
  await checkCwd(spec.cwd);
}

function checkText(argument: string, text: string): void {
  if (text.includes('\0')) throw new ProcessError('badArgument', `${argument} contains NUL.`, { argument });
}

/** @throws ProcessError `badArgument` for NUL and for a relative path. */
export function checkPath(argument: string, path: string): void {
  checkText(argument, path);
  if (isAbsolute(path)) return;
  throw new ProcessError('badArgument', `${argument} ${path} is not an absolute path.`, { argument });
}

function checkArguments(argument: string, args: readonly string[]): void {
  const index = args.findIndex((text) => text.includes('\0'));
  if (index < 0) return;
  throw new ProcessError('badArgument', `Entry ${index} of ${argument} contains NUL.`, { argument, index });
}

/** A missing directory and a missing program are one and the same failure of spawn, so the directory is checked first. */
async function checkCwd(cwd: string): Promise<void> {
  try {
    if ((await stat(cwd)).isDirectory()) return;
  } catch (error) {
    throw new ProcessError(
      'cwdNotFound',
      `The working directory ${cwd} cannot be used (${errnoOf(error) ?? 'unknown error'}).`,
      { cwd },
      { cause: error },
    );
  }
  throw new ProcessError('cwdNotFound', `The working directory ${cwd} is not a directory.`, { cwd });
}

import { isAbsolute } from 'node:path';
import { ProcessError } from './errors.ts';

/** What passes without being asked for. Everything else can change what a program runs, so it is named one by one. */
const baseNames = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_*', 'TZ', 'TERM', 'TMPDIR', 'PATH'] as const;

/** What else goes into an environment made by {@link buildEnvironment}. */
export interface EnvironmentOptions {
  /** More names to take from the source: exact, or a prefix followed by `*`. @default none */
  readonly names?: readonly string[];
  /** Values set whatever the source says. @default none */
  readonly set?: Readonly<Record<string, string>>;
}

/**
 * Builds the environment of a job from an allow-list: HOME, USER, LOGNAME, LANG, LC_*, TZ, TERM, TMPDIR, PATH,
 * and what the options add. Of PATH only absolute entries stay, since a relative one means the job's directory.
 *
 * @throws ProcessError `badArgument` for a name that is empty, a bare `*`, or holds `=` or NUL, and for a value with NUL.
 */
export function buildEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  options: EnvironmentOptions = {},
): Record<string, string> {
  const patterns = [...baseNames, ...(options.names ?? [])];
  for (const pattern of patterns) checkName(pattern.endsWith('*') ? pattern.slice(0, -1) : pattern);

  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && patterns.some((pattern) => matches(name, pattern))) result.set(name, value);
  }
  for (const [name, value] of Object.entries(options.set ?? {})) result.set(name, value);

  const path = result.get('PATH');
  if (path !== undefined) {
    const entries = absoluteEntries(path);
    if (entries.length > 0) result.set('PATH', entries.join(':'));
    else result.delete('PATH');
  }
  const environment = Object.fromEntries(result);
  checkEnvironment(environment);
  return environment;
}

/** The entries of a PATH that are absolute, in order. */
export function absoluteEntries(path: string): string[] {
  return path.split(':').filter((entry) => isAbsolute(entry));
}

/** Refuses an environment that cannot be handed to a process. @throws ProcessError `badArgument`. */
export function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    checkName(name);
    if (value.includes('\0')) {
      throw new ProcessError('badArgument', `The value of environment variable ${name} contains NUL.`, {
        variable: name,
      });
    }
  }
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function checkName(name: string): void {
  if (name === '' || name.includes('=') || name.includes('\0')) {
    throw new ProcessError(
      'badArgument',
      `${JSON.stringify(name)} cannot name an environment variable: it must not be empty or hold "=" or NUL.`,
    );
  }
}

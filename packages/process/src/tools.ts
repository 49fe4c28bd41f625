import { ProcessError } from './errors.ts';
import { resolveProgram } from './resolve-program.ts';

/** Programs of the system that this package makes use of, as absolute paths; undefined where there are none. */
export interface Tools {
  /** bubblewrap makes namespaces. */
  readonly bwrap: string | undefined;
  /** Holds gates and namespaces: it starts in a few milliseconds and hands everything on exactly as it was given. */
  readonly perl: string | undefined;
  /** Sets limits. */
  readonly prlimit: string | undefined;
}

/** Looks for the tools in a PATH value. */
export async function findTools(path: string): Promise<Tools> {
  const [bwrap, perl, prlimit] = await Promise.all(
    ['bwrap', 'perl', 'prlimit'].map((name) => find(name, path)),
  );
  return { bwrap, perl, prlimit };
}

async function find(name: string, path: string): Promise<string | undefined> {
  try {
    return (await resolveProgram(name, { path, cwd: '/' })).file;
  } catch (error) {
    if (error instanceof ProcessError) return undefined;
    throw error;
  }
}

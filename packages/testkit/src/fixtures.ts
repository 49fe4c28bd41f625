import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The absolute path of a fixture program: a small real program with one behaviour, which its name states.
 * Every fixture is executable by itself; the `.mjs` ones need `node` on the PATH they are started with, or
 * can be given to `process.execPath` as an argument.
 *
 * @param name File name in the `fixtures` folder, with its ending: `fixture('ignores-sigterm.sh')`.
 * @throws Error when there is no such fixture.
 */
export function fixture(name: string): string {
  const path = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`There is no fixture program named ${name}.`);
  return path;
}

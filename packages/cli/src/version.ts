import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** This package's version. `package.json` lies one folder up, of the source as of the build. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

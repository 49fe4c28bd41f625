import { readFile } from 'node:fs/promises';
import { ConfigFile } from '@cc-executor/executor';
import type { z } from 'zod';
import { CommandError } from './command-errors.ts';

/**
 * Reads the config file.
 *
 * @param options `mustExist`: it was named, so a missing one is an error; otherwise it counts as empty.
 * @throws CommandError `settings`, naming the file and each wrong field.
 */
export async function readConfigFile(path: string, options: { mustExist: boolean }): Promise<ConfigFile> {
  const text = await readText(path, options.mustExist);
  if (text === undefined) return ConfigFile.parse({});
  const parsed = ConfigFile.safeParse(parseJson(path, text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(describeIssue).join('; ');
  throw new CommandError(
    'settings',
    `The config file ${path} is wrong: ${problems}`,
    'Mend the file and try again',
  );
}

async function readText(path: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !mustExist) return undefined;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new CommandError('settings', `The config file ${path} ${what}`, 'Name another one with --config', {
      cause: error,
    });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const mend = 'Mend the file: it is plain JSON, without comments';
    throw new CommandError('settings', `The config file ${path} is not JSON: ${reason}`, mend, {
      cause: error,
    });
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const field = issue.path.map(String).join('.');
  return field === '' ? issue.message : `${field}: ${issue.message}`;
}

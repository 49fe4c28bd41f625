import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

/** Fields that several tools share; descriptions are read by the model, so they are short. */
export const jobIdField = z.string().min(1).max(64);
export const jobIdsField = z.array(jobIdField).min(1).max(100);

/** Below the 120 s after which clients put a call into the background. */
export const waitSecondsField = z
  .number()
  .min(0)
  .max(110)
  .default(45)
  .describe('Seconds to wait for the end before returning state=running. 0-110, default 45');

export const backgroundField = z
  .boolean()
  .default(false)
  .describe('Start only and return the job id at once; then call wait');

export const cwdField = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('Working folder. Default: the folder of this session');

export const timeoutField = (ordinary: string) =>
  z
    .number()
    .positive()
    .max(14 * 24 * 3600)
    .optional()
    .describe(`Seconds of running time, then the job is ended. Default ${ordinary}`);

/** An absolute folder; relative ones start from the bridge's own. */
export function absolutePath(cwd: string, path: string | undefined): string {
  if (path === undefined) return cwd;
  return isAbsolute(path) ? path : resolve(cwd, path);
}

/** Whole milliseconds of a time-out in seconds, as an optional field. */
export function timeoutMs(seconds: number | undefined): { timeoutMs?: number } {
  return seconds === undefined ? {} : { timeoutMs: Math.max(1, Math.round(seconds * 1_000)) };
}

/** The object without its undefined fields. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Only keys of T with defined values are left.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

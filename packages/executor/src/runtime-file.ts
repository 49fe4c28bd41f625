import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What an executor leaves in its state directory so that clients find it. */
export const RuntimeInfo = z.object({
  url: z.string(),
  socket: z.string().nullable(),
  token: z.string().nullable(),
  pid: z.number().int(),
  startedAt: z.string(),
  version: z.string(),
});
export type RuntimeInfo = z.infer<typeof RuntimeInfo>;

const FILE_NAME = 'executor.json';

/** Writes the runtime file, readable by its owner only, in one step. */
export async function writeRuntimeFile(stateDir: string, info: RuntimeInfo): Promise<void> {
  const temporary = join(stateDir, `.${FILE_NAME}.${randomBytes(6).toString('hex')}`);
  await writeFile(temporary, `${JSON.stringify(info)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(temporary, join(stateDir, FILE_NAME));
}

/** The runtime file, or undefined when there is none that can be read. It may outlive its executor. */
export async function readRuntimeFile(stateDir: string): Promise<RuntimeInfo | undefined> {
  try {
    return RuntimeInfo.parse(JSON.parse(await readFile(join(stateDir, FILE_NAME), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function removeRuntimeFile(stateDir: string): Promise<void> {
  await rm(join(stateDir, FILE_NAME), { force: true });
}

import { mkdtempDisposable, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogFault } from './log-fault.ts';
import { LogSpace } from './log-space.ts';
import { OutputLog, type OutputLogOptions } from './output-log.ts';
import type { LogReader, ReadEntry } from './readable-log.ts';
import type { LogRetention } from './retention.ts';
import type { NewPlainEntry } from './stored-entry.ts';

/** Keeps everything that a test prints. */
const keepAll: LogRetention = {
  atQuota: 'tail',
  maxBytes: 1024 ** 3,
  maxLines: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
};

/** Entries that are no output. */
export const starting: NewPlainEntry = { type: 'state', state: { status: 'starting' } };
export const event: NewPlainEntry = { type: 'event', event: { type: 'text', text: 'hi' } };
export const closed: Extract<NewPlainEntry, { type: 'closed' }> = {
  type: 'closed',
  outcome: { status: 'succeeded' },
  drained: true,
};

/** A log in a folder of its own, and what it has told. */
export interface TestLog extends AsyncDisposable {
  readonly log: OutputLog;
  readonly folder: string;
  readonly space: LogSpace;
  readonly faults: readonly LogFault[];
  /** Each time that the job was to wait, or to go on. */
  readonly blocks: readonly boolean[];
  readonly print: (...texts: readonly string[]) => void;
}

/** A space that is hardly ever full. */
export function roomySpace(memoryBytes = 1024 ** 3, diskBytes = 1024 ** 4): LogSpace {
  return new LogSpace({ memoryBytes, diskBytes });
}

/** Opens a log in a new folder. */
export async function openLog(
  options: Partial<Omit<OutputLogOptions, 'retention'>> & { retention?: Partial<LogRetention> } = {},
): Promise<TestLog> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'log-'));
  const faults: LogFault[] = [];
  const blocks: boolean[] = [];
  const { space = roomySpace(), folder = join(directory.path, 'log'), retention } = options;
  const log = new OutputLog({
    onFault: (fault) => faults.push(fault),
    onBlocked: (isBlocked) => blocks.push(isBlocked),
    ...options,
    folder,
    space,
    retention: { ...keepAll, ...retention },
  });
  return {
    log,
    folder,
    space,
    faults,
    blocks,
    print: (...texts) => {
      for (const text of texts) log.appendOutput('stdout', [Buffer.from(text)]);
    },
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The next entry with data of its own; undefined when there is none yet. */
export async function next(reader: LogReader): Promise<ReadEntry | undefined> {
  for (;;) {
    const entry = reader.peek();
    if (entry !== undefined) {
      const copy = entry.type === 'output' ? { ...entry, data: Buffer.from(entry.data) } : entry;
      reader.advance();
      return copy;
    }
    if (!(await reader.load())) return undefined;
  }
}

/** All that a reader comes upon until there is nothing more. */
export async function drain(reader: LogReader): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  for (let entry = await next(reader); entry !== undefined; entry = await next(reader)) entries.push(entry);
  return entries;
}

/** Output of some entries, put together. */
export function dataOf(entries: readonly ReadEntry[]): Buffer {
  return Buffer.concat(entries.flatMap((entry) => (entry.type === 'output' ? [entry.data] : [])));
}

/** Bytes of the files in a folder; none when there is no such folder. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

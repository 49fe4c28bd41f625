import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Ward } from './ward.ts';

/** So many lines about trees that have ended may stand in a journal before it is written anew. */
const mostStaleLines = 1_000;

/** Whose trees a journal names, and when its pids mean anything. */
export interface JournalHeader {
  readonly version: 1;
  readonly instanceId: string;
  /** Differs after each start of the machine, when all pids are void. */
  readonly bootId: string;
}

/** What a journal says: whose trees, and which are not known to have ended. */
export interface JournalContent {
  readonly header: JournalHeader;
  readonly wards: ReadonlyMap<string, Ward>;
}

/**
 * Remembers on disk which trees live, for the case that executor and guardian die together. One line per change, in
 * one write each: a process that is killed leaves at most its last line torn.
 */
export class Journal {
  readonly #path: string;
  readonly #header: JournalHeader;
  #wards = new Map<string, Ward>();
  #fd: number;
  #staleLines = 0;

  /** Begins a journal, 0600, or goes on with the one that a guardian of the same instance has left. */
  constructor(path: string, header: JournalHeader) {
    this.#path = path;
    this.#header = header;
    if (existsSync(path)) this.#wards = new Map(readJournal(path)?.wards);
    this.#fd = this.#rewrite();
  }

  get wards(): Iterable<Ward> {
    return this.#wards.values();
  }

  /** These are all, whatever was written before. */
  replace(wards: readonly Ward[]): void {
    this.#wards = new Map(wards.map((ward) => [ward.id, ward]));
    this.#begin();
  }

  add(ward: Ward): void {
    this.#wards.set(ward.id, ward);
    this.#append({ add: ward });
  }

  remove(id: string): void {
    if (!this.#wards.delete(id)) return;
    this.#append({ remove: id });
    this.#staleLines += 2;
    if (this.#staleLines > mostStaleLines) this.#begin();
  }

  /** Nothing is left to remember. */
  discard(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }

  #begin(): void {
    closeSync(this.#fd);
    this.#fd = this.#rewrite();
    this.#staleLines = 0;
  }

  #append(line: object): void {
    // Unlike `writeSync` it notices when only a part could be written: nothing may stand behind a torn line.
    writeFileSync(this.#fd, `${JSON.stringify(line)}\n`);
  }

  #rewrite(): number {
    const next = `${this.#path}.next`;
    const fd = openSync(next, 'w', 0o600);
    const lines = [this.#header, ...[...this.#wards.values()].map((ward) => ({ add: ward }))];
    writeFileSync(fd, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(next, this.#path);
    return fd;
  }
}

/** Reads a journal up to the first line that is torn or strange. Undefined when it says nothing. */
export function readJournal(path: string): JournalContent | undefined {
  const [first, ...lines] = readFileSync(path, 'utf8').split('\n');
  const header = parse(first);
  if (header?.['version'] !== 1) return undefined;
  const { instanceId, bootId } = header;
  if (typeof instanceId !== 'string' || typeof bootId !== 'string') return undefined;
  const wards = new Map<string, Ward>();
  for (const line of lines) {
    const change = parse(line);
    if (change === undefined) break;
    const { add, remove } = change;
    if (isWard(add)) wards.set(add.id, add);
    else if (typeof remove === 'string') wards.delete(remove);
  }
  return { header: { version: 1, instanceId, bootId }, wards };
}

function parse(line: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isWard(value: unknown): value is Ward {
  if (typeof value !== 'object' || value === null) return false;
  const { id, pid, startTime, isNamespace } = value as Partial<Record<keyof Ward, unknown>>;
  return (
    typeof id === 'string' &&
    typeof pid === 'number' &&
    Number.isInteger(pid) &&
    pid > 1 &&
    typeof startTime === 'number' &&
    typeof isNamespace === 'boolean'
  );
}

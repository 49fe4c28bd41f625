import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { fixture } from './fixtures.ts';

/** What it takes to start a fixture program as a process tree. */
export interface FixtureSpec {
  readonly id: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: 'none' | 'pipe';
}

/** Describes a start of a fixture: a fresh id, an environment of nothing but a PATH that has `node`, no stdin. */
export function fixtureSpec(name: string, args: readonly string[] = []): FixtureSpec {
  const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  return { id: randomUUID(), file: fixture(name), args, cwd: tmpdir(), env: { PATH }, stdin: 'none' };
}

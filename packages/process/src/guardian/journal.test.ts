import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { Journal, readJournal } from './journal.ts';
import type { Ward } from './ward.ts';

const folders: string[] = [];
const header = { version: 1, instanceId: 'mine', bootId: 'boot' } as const;
const ward = (id: string): Ward => ({ id, pid: 4000, startTime: 7, isNamespace: false });

function journalPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  folders.push(folder);
  return join(folder, 'journal');
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test('it is readable by its owner only, and says what it was told', () => {
  const path = journalPath();
  const journal = new Journal(path, header);
  const withCommand = { ...ward('a'), onDeath: { file: '/bin/true', args: ['x'], env: { A: 'b' } } };
  journal.add(withCommand);
  journal.add(ward('b'));
  journal.remove('b');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readJournal(path)).toEqual({ header, wards: new Map([['a', withCommand]]) });
});

test('a second guardian goes on with what the first one wrote', () => {
  const path = journalPath();
  new Journal(path, header).add(ward('a'));
  const second = new Journal(path, header);
  expect([...second.wards]).toEqual([ward('a')]);
  second.replace([ward('b')]);
  expect([...(readJournal(path)?.wards.keys() ?? [])]).toEqual(['b']);
});

test('it does not grow with the trees that have ended', () => {
  const path = journalPath();
  const journal = new Journal(path, header);
  journal.add(ward('stays'));
  for (let count = 0; count < 5000; count += 1) {
    journal.add(ward(`tree-${count}`));
    journal.remove(`tree-${count}`);
  }
  expect(statSync(path).size).toBeLessThan(300_000);
  expect([...(readJournal(path)?.wards.keys() ?? [])]).toEqual(['stays']);
});

test('whatever was written before the last byte that is there still holds', () => {
  const change = fc.record({ isAdd: fc.boolean(), id: fc.constantFrom('a', 'b', 'c', 'ü\n"') });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.nat({ max: 40 }), (changes, tornBytes) => {
      const path = journalPath();
      const journal = new Journal(path, header);
      const states: string[][] = [[]];
      const sizes = [statSync(path).size];
      for (const { isAdd, id } of changes) {
        if (isAdd) journal.add(ward(id));
        else journal.remove(id);
        states.push([...journal.wards].map((known) => known.id));
        sizes.push(statSync(path).size);
      }
      const size = Math.max(sizes[0] ?? 0, (sizes.at(-1) ?? 0) - tornBytes);
      truncateSync(path, size);
      // Without its line break the last line is whole all the same.
      const last = sizes.findLastIndex((whole) => whole - 1 <= size);
      expect([...(readJournal(path)?.wards.keys() ?? [])].sort()).toEqual(states[last]?.sort());
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['nothing', ''],
  ['no JSON', 'hello\n'],
  ['another version', '{"version":2,"instanceId":"a","bootId":"b"}\n'],
  ['no instance', '{"version":1}\n'],
])('a file with %s is no journal', (_, text) => {
  const path = journalPath();
  writeFileSync(path, text);
  expect(readJournal(path)).toBeUndefined();
});

test.each([
  { id: 'a', pid: 1, startTime: 1, isNamespace: false },
  { id: 'a', pid: -1, startTime: 1, isNamespace: false },
  { id: 'a', pid: 1.5, startTime: 1, isNamespace: false },
  { id: 'a', pid: 4000, startTime: null, isNamespace: false },
  { pid: 4000, startTime: 1, isNamespace: false },
  'a',
])('%j is no ward', (add) => {
  const path = journalPath();
  const journal = new Journal(path, header);
  writeFileSync(path, `${readFileSync(path, 'utf8')}${JSON.stringify({ add })}\n`);
  expect([...journal.wards]).toEqual([]);
  expect(readJournal(path)?.wards.size).toBe(0);
});

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { JobStore } from './job-store.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'database-'));
const versionOf = (database: DatabaseSync): unknown =>
  database.prepare('PRAGMA user_version').get()?.['user_version'];

test('a new database has the tables and a version', async () => {
  await using directory = await temporary();
  using database = openDatabase(join(directory.path, 'db'));
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  expect(tables.map((row) => row['name'])).toEqual(['attempts', 'jobs']);
  expect(versionOf(database)).toBeGreaterThanOrEqual(1);
});

test('opening it again changes nothing', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'db');
  {
    using database = openDatabase(path);
    database.exec("INSERT INTO attempts (job_id, attempt, started_at) SELECT 'x', 1, 'now' WHERE false");
    database.exec('CREATE TABLE kept (x)');
  }
  using database = openDatabase(path);
  expect(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'kept'").get()).toEqual({
    n: 1,
  });
});

test('jobs of an older version are kept, and how they were contained is not known', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'db');
  {
    using older = openDatabase(path);
    const newer = ['containment', 'dropped_bytes', 'dropped_lines', 'invalid_bytes', 'stored_bytes'];
    for (const column of newer) older.exec(`ALTER TABLE jobs DROP COLUMN ${column}`);
    older.exec(`PRAGMA user_version = 1;
      INSERT INTO jobs (job_id, number, kind, lane, title, cwd, params, params_hash, state, created_at)
      VALUES ('old', 1, 'command', 'command', 't', '/', '{}', 'h', '{"status":"starting"}', 'then')`);
  }
  using store = new JobStore(openDatabase(path));
  expect(store.get('old')).toMatchObject({ jobId: 'old', containment: undefined });
});

test('a database of a newer version is refused and let alone', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'db');
  {
    using newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 999');
  }
  expect(() => openDatabase(path)).toThrow(/schema version 999; this version knows up to \d+/);
  using database = new DatabaseSync(path);
  expect(versionOf(database)).toBe(999);
});

test('attempts belong to jobs', async () => {
  await using directory = await temporary();
  using database = openDatabase(join(directory.path, 'db'));
  const insert = "INSERT INTO attempts (job_id, attempt, started_at) VALUES ('nobody', 1, 'now')";
  expect(() => database.exec(insert)).toThrow(/FOREIGN KEY/);
});

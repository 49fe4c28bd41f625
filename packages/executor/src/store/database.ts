import { DatabaseSync } from 'node:sqlite';

/** Each step takes the schema one version up; steps are only ever added. */
const migrations: readonly string[] = [
  `CREATE TABLE jobs (
     job_id       TEXT PRIMARY KEY,
     number       INTEGER NOT NULL UNIQUE,
     kind         TEXT NOT NULL,
     lane         TEXT NOT NULL,
     title        TEXT NOT NULL,
     cwd          TEXT NOT NULL,
     params       TEXT NOT NULL,
     params_hash  TEXT NOT NULL,
     session_id   TEXT,
     state        TEXT NOT NULL,
     is_ended     INTEGER NOT NULL DEFAULT 0,
     created_at   TEXT NOT NULL,
     started_at   TEXT,
     ended_at     TEXT,
     output_bytes INTEGER NOT NULL DEFAULT 0,
     last_seq     INTEGER NOT NULL DEFAULT 0,
     drained      INTEGER,
     result       TEXT
   ) STRICT;
   CREATE INDEX jobs_by_end ON jobs (is_ended, number);
   CREATE TABLE attempts (
     job_id     TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
     attempt    INTEGER NOT NULL,
     pid        INTEGER,
     started_at TEXT NOT NULL,
     exited_at  TEXT,
     code       INTEGER,
     signal     TEXT,
     PRIMARY KEY (job_id, attempt)
   ) STRICT;`,
  'ALTER TABLE jobs ADD COLUMN containment TEXT;',
  `ALTER TABLE jobs ADD COLUMN dropped_bytes INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE jobs ADD COLUMN dropped_lines INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE jobs ADD COLUMN invalid_bytes INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE jobs ADD COLUMN stored_bytes  INTEGER NOT NULL DEFAULT 0;`,
];

/**
 * Opens the executor's database and brings its schema up to date.
 *
 * @throws Error when it was written by a newer version.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // The state directory's lock makes us the only user, so the shared-memory file of WAL is not needed.
  database.exec(
    'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;',
  );
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > migrations.length) {
    database.close();
    throw new Error(`${path} has schema version ${version}; this version knows up to ${migrations.length}`);
  }
  for (const [index, migration] of migrations.entries()) {
    if (index >= version) database.exec(`BEGIN; ${migration} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
  return database;
}

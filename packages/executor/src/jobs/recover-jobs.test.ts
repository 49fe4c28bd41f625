import { mkdtempDisposable, readdir, readFile, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { DiskReserve } from '../store/disk-reserve.ts';
import { JobStore } from '../store/job-store.ts';
import { JobLogs } from './job-logs.ts';
import { recoverJobs } from './recover-jobs.ts';

const now = (): Date => new Date('2026-11-20T10:00:00.000Z');
const lost = { status: 'lost', message: 'the executor ended while the job was live' };
const logger = pino({ level: 'silent' });
const params = {
  kind: 'command' as const,
  cwd: '/',
  priority: 0,
  onDetach: 'cancel' as const,
  stdin: 'none' as const,
  argv: ['true'],
};
const config = {
  maxOutputBytes: 1024 * 1024,
  maxStoredBytes: 1024 * 1024 * 1024,
  maxLogMemoryBytes: 1024 * 1024,
  maxEndedJobs: 10,
  maxEndedAgeMs: 1000,
};

interface Remains extends AsyncDisposable {
  readonly store: JobStore;
  readonly logs: JobLogs;
  /** Where the log of the job lies. */
  readonly folder: string;
  /** The path of its only segment. */
  segment(): Promise<string>;
  recover(): Promise<number>;
  /** The entries of its log in short. */
  entries(): Promise<unknown[]>;
}

/** What an executor that was killed left behind: a store with one live job and the folder of its log. */
async function createRemains(): Promise<Remains> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'recover-'));
  const store = new JobStore(openDatabase(':memory:'));
  const reserve = new DiskReserve(join(directory.path, 'reserve'));
  const number = store.takeNumber();
  store.insert({
    jobId: 'a',
    number,
    kind: 'command',
    lane: 'command',
    title: 'true',
    cwd: '/',
    params,
    containment: 'portable',
    paramsHash: '',
    sessionId: undefined,
    state: { status: 'queued', reason: 'capacity' },
    createdAt: now().toISOString(),
  });
  const logs = new JobLogs({ store, reserve, logsPath: directory.path, logger, now, config });
  const folder = join(directory.path, String(number));
  return {
    store,
    logs,
    folder,
    segment: async () => join(folder, (await readdir(folder))[0] ?? ''),
    recover: () => recoverJobs(store, logs, logger, now),
    entries: () => readEntries(store, logs),
    [Symbol.asyncDispose]: async () => {
      await logs[Symbol.asyncDispose]();
      store[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function readEntries(store: JobStore, logs: JobLogs): Promise<unknown[]> {
  const record = store.get('a');
  if (record === undefined) return [];
  await using loan = await logs.openEnded(record);
  await using reader = loan.log.reader({ afterSeq: 0 });
  const entries: unknown[] = [];
  for (;;) {
    const entry = reader.peek();
    if (entry !== undefined) {
      if (entry.type === 'gap') entries.push(['gap', entry.fromSeq, entry.firstSeq, entry.lostBytes]);
      else entries.push([entry.seq, entry.type === 'output' ? String(entry.data) : entry.type]);
      reader.advance();
    } else if (!(await reader.load())) {
      return entries;
    }
  }
}

async function printThrice({ logs }: Remains, isClosed: boolean): Promise<void> {
  const job = { number: 1, kind: 'command', retention: undefined } as const;
  await using log = logs.create(job, { onFault: () => undefined });
  for (const text of ['one', 'two', 'three']) log.appendOutput('stdout', [Buffer.from(text)]);
  if (isClosed) log.append({ type: 'closed', outcome: { status: 'succeeded' }, drained: true });
}

test('a job that was live is lost, its output is kept and its log gets an end', async () => {
  await using remains = await createRemains();
  const { store } = remains;
  await printThrice(remains, false);
  expect(await remains.recover()).toBe(1);
  expect(store.get('a')).toMatchObject({
    state: { status: 'ended', outcome: lost },
    endedAt: now().toISOString(),
    counts: { outputBytes: 11, droppedBytes: 0 },
    lastSeq: 5,
    drained: false,
  });
  expect(await remains.entries()).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
    [4, 'state'],
    [5, 'closed'],
  ]);
  expect(await remains.recover()).toBe(0);
});

test('a record that was torn is not part of the log any more', async () => {
  await using remains = await createRemains();
  await printThrice(remains, false);
  const path = await remains.segment();
  await truncate(path, (await readFile(path)).length - 1);
  await remains.recover();
  expect(remains.store.get('a')).toMatchObject({ counts: { outputBytes: 6 }, lastSeq: 4 });
  expect(await remains.entries()).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'state'],
    [4, 'closed'],
  ]);
});

test('a log that has its end already gets no second one', async () => {
  await using remains = await createRemains();
  await printThrice(remains, true);
  const before = await readFile(await remains.segment());
  await remains.recover();
  expect([await readdir(remains.folder), await readFile(await remains.segment())]).toEqual([
    ['1-0.log'],
    before,
  ]);
  expect(remains.store.get('a')).toMatchObject({
    state: { status: 'ended' },
    lastSeq: 4,
    counts: { outputBytes: 11 },
  });
});

test('a job that has no log yet is lost all the same', async () => {
  await using remains = await createRemains();
  await remains.recover();
  expect(remains.store.get('a')).toMatchObject({
    state: { status: 'ended', outcome: lost },
    lastSeq: 2,
    counts: { outputBytes: 0 },
  });
  expect(await remains.entries()).toEqual([
    [1, 'state'],
    [2, 'closed'],
  ]);
});

test('a log that cannot be read keeps nobody from starting, and its job is lost', async () => {
  await using remains = await createRemains();
  await symlink(remains.folder, remains.folder);
  expect(await remains.recover()).toBe(1);
  expect(remains.store.get('a')?.state).toMatchObject({ status: 'ended', outcome: { status: 'lost' } });
});

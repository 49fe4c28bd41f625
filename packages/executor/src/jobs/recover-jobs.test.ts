import { mkdtempDisposable, readFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EndedLog } from '../output/ended-log.ts';
import { OutputLog } from '../output/output-log.ts';
import { openDatabase } from '../store/database.ts';
import { JobStore } from '../store/job-store.ts';
import { recoverJobs } from './recover-jobs.ts';

const now = (): Date => new Date('2026-11-20T10:00:00.000Z');
const lost = { status: 'lost', message: 'the executor ended while the job was live' };
const params = {
  kind: 'command' as const,
  cwd: '/',
  priority: 0,
  onDetach: 'cancel' as const,
  stdin: 'none' as const,
  argv: ['true'],
};

/** What an executor that was killed left behind: a store with one live job and the folder of its log. */
async function createRemains(): Promise<AsyncDisposable & { store: JobStore; path: string }> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'recover-'));
  const store = new JobStore(openDatabase(':memory:'));
  store.insert({
    jobId: 'a',
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
  return {
    store,
    path: join(directory.path, 'a.log'),
    [Symbol.asyncDispose]: async () => {
      store[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function printThrice(path: string, isClosed: boolean): Promise<void> {
  await using log = new OutputLog({ path, onFault: () => undefined, now });
  for (const text of ['one', 'two', 'three']) log.appendOutput('stdout', Buffer.from(text));
  if (isClosed) log.append({ type: 'closed', outcome: { status: 'succeeded' }, drained: true });
}

/** The entries of a log in short. */
async function entriesOf(path: string): Promise<unknown[]> {
  await using log = await EndedLog.open(path, { lastSeq: 0, outputBytes: 0 });
  const entries = await log.read({ afterSeq: 0 }, 1_000_000);
  return entries.map((entry) => [entry.seq, entry.type === 'output' ? String(entry.data) : entry.type]);
}

test('a job that was live is lost, its output is kept and its log gets an end', async () => {
  await using remains = await createRemains();
  const { store, path } = remains;
  await printThrice(path, false);
  expect(await recoverJobs(store, () => path, now)).toBe(1);
  expect(store.get('a')).toMatchObject({
    state: { status: 'ended', outcome: lost },
    endedAt: now().toISOString(),
    outputBytes: 11,
    lastSeq: 5,
    drained: false,
  });
  expect(await entriesOf(path)).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
    [4, 'state'],
    [5, 'closed'],
  ]);
  expect(await recoverJobs(store, () => path, now)).toBe(0);
});

test('a record that was torn is not part of the log any more', async () => {
  await using remains = await createRemains();
  const { store, path } = remains;
  await printThrice(path, false);
  const whole = await readFile(path);
  await truncate(path, whole.length - 1);
  await recoverJobs(store, () => path, now);
  expect(store.get('a')).toMatchObject({ outputBytes: 6, lastSeq: 4 });
  expect(await entriesOf(path)).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'state'],
    [4, 'closed'],
  ]);
});

test('a log that has its end already gets no second one', async () => {
  await using remains = await createRemains();
  const { store, path } = remains;
  await printThrice(path, true);
  const before = await readFile(path);
  await recoverJobs(store, () => path, now);
  expect(await readFile(path)).toEqual(before);
  expect(store.get('a')).toMatchObject({ state: { status: 'ended' }, lastSeq: 4, outputBytes: 11 });
});

test('a job that has no log yet is lost all the same', async () => {
  await using remains = await createRemains();
  const { store, path } = remains;
  await recoverJobs(store, () => path, now);
  expect(store.get('a')).toMatchObject({
    state: { status: 'ended', outcome: lost },
    lastSeq: 2,
    outputBytes: 0,
  });
  expect(await entriesOf(path)).toEqual([
    [1, 'state'],
    [2, 'closed'],
  ]);
});

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobState } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import type { LogCounts } from '../log-counts.ts';
import { openDatabase } from './database.ts';
import type { NewJobRecord } from './job-record.ts';
import { JobStore, type JobEnd } from './job-store.ts';

const at = (second: number): string => `2026-11-20T10:00:0${second}.000Z`;
const ended: JobState = { status: 'ended', outcome: { status: 'succeeded' } };

const newJob = (store: JobStore, jobId: string, more: Partial<NewJobRecord> = {}): NewJobRecord => ({
  jobId,
  number: store.takeNumber(),
  kind: 'command',
  lane: 'command',
  title: 'echo hi',
  cwd: '/work',
  params: {
    kind: 'command',
    cwd: '/work',
    priority: 0,
    onDetach: 'cancel',
    stdin: 'none',
    argv: ['echo', 'hi'],
  },
  containment: 'portable',
  paramsHash: `hash of ${jobId}`,
  sessionId: undefined,
  state: { status: 'queued', reason: 'capacity' },
  createdAt: at(0),
  ...more,
});

const counts = (more: Partial<LogCounts>): LogCounts => ({
  outputBytes: 0,
  droppedBytes: 0,
  droppedLines: 0,
  invalidBytes: 0,
  storedBytes: 0,
  ...more,
});

const end = (more: Partial<JobEnd> = {}): JobEnd => ({
  state: ended,
  endedAt: at(9),
  counts: counts({ outputBytes: 3 }),
  lastSeq: 7,
  drained: true,
  result: { kind: 'command', exitCode: 0, signal: null },
  ...more,
});

/** A store with a file of its own. */
async function openStore(): Promise<AsyncDisposable & { store: JobStore; reopen: () => JobStore }> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'store-'));
  const path = join(directory.path, 'db');
  let store = new JobStore(openDatabase(path));
  return {
    get store() {
      return store;
    },
    reopen: () => {
      store[Symbol.dispose]();
      store = new JobStore(openDatabase(path));
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      store[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('a job that was queued is there, also for the next executor', async () => {
  await using opened = await openStore();
  opened.store.insert(newJob(opened.store, 'a', { kind: 'claude', lane: 'claude', sessionId: 's-1' }));
  const expected = {
    jobId: 'a',
    kind: 'claude',
    lane: 'claude',
    title: 'echo hi',
    cwd: '/work',
    containment: 'portable',
    paramsHash: 'hash of a',
    sessionId: 's-1',
    state: { status: 'queued', reason: 'capacity' },
    createdAt: at(0),
    startedAt: undefined,
    endedAt: undefined,
    number: 1,
    counts: counts({}),
    lastSeq: 0,
    drained: undefined,
    result: undefined,
    attempts: [],
  };
  expect(opened.store.get('a')).toEqual(expected);
  expect(opened.reopen().get('a')).toEqual(expected);
  expect(opened.store.get('b')).toBeUndefined();
});

test('a job is told from its first attempt to its end', async () => {
  await using opened = await openStore();
  const { store } = opened;
  store.insert(newJob(store, 'a'));
  store.insertAttempt('a', 1, at(1), { status: 'starting' });
  expect(store.get('a')).toMatchObject({
    state: { status: 'starting' },
    startedAt: at(1),
    attempts: [{ attempt: 1, startedAt: at(1) }],
  });
  store.setPid('a', 1, 4711);
  store.endAttempt('a', 1, { exitedAt: at(2), code: null, signal: 'SIGKILL' });
  store.insertAttempt('a', 2, at(3), { status: 'starting' });
  store.end('a', end({ drained: false }));
  expect(store.get('a')).toMatchObject({
    state: ended,
    startedAt: at(1),
    endedAt: at(9),
    counts: counts({ outputBytes: 3 }),
    lastSeq: 7,
    drained: false,
    result: { kind: 'command', exitCode: 0, signal: null },
    attempts: [
      { attempt: 1, startedAt: at(1), pid: 4711, exitedAt: at(2), code: null, signal: 'SIGKILL' },
      { attempt: 2, startedAt: at(3) },
    ],
  });
});

test('a job that ended with no result has none', async () => {
  await using opened = await openStore();
  opened.store.insert(newJob(opened.store, 'a'));
  opened.store.end('a', end({ result: undefined }));
  expect(opened.store.get('a')).toMatchObject({ result: undefined, drained: true, state: ended });
});

test('a job id is taken once', async () => {
  await using opened = await openStore();
  opened.store.insert(newJob(opened.store, 'a'));
  expect(() => opened.store.insert(newJob(opened.store, 'a'))).toThrow(/UNIQUE/);
  opened.store.insert(newJob(opened.store, 'b'));
  expect(opened.store.list({ limit: 10 }).map(({ record }) => record.jobId)).toEqual(['b', 'a']);
});

test('jobs are listed newest first, page by page', async () => {
  await using opened = await openStore();
  const { store } = opened;
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) store.insert(newJob(store, id));
  const page = (before?: number) => store.list({ limit: 2, ...(before === undefined ? {} : { before }) });
  const first = page();
  const second = page(first.at(-1)?.number);
  const third = page(second.at(-1)?.number);
  expect([first, second, third].map((rows) => rows.map(({ record }) => record.jobId))).toEqual([
    ['e', 'd'],
    ['c', 'b'],
    ['a'],
  ]);
  expect(page(third.at(-1)?.number)).toEqual([]);
});

test('numbers go on where an earlier executor ended', async () => {
  await using opened = await openStore();
  opened.store.insert(newJob(opened.store, 'a'));
  const store = opened.reopen();
  store.insert(newJob(store, 'b'));
  expect(store.list({ limit: 10 }).map(({ record }) => record.jobId)).toEqual(['b', 'a']);
});

test('ended and live jobs are listed apart', async () => {
  await using opened = await openStore();
  const { store } = opened;
  for (const id of ['a', 'b', 'c']) store.insert(newJob(store, id));
  store.end('b', end());
  const listed = (isEnded?: boolean) =>
    store
      .list({ limit: -1, ...(isEnded === undefined ? {} : { isEnded }) })
      .map(({ record }) => record.jobId);
  expect([listed(true), listed(false), listed()]).toEqual([['b'], ['c', 'a'], ['c', 'b', 'a']]);
  expect(store.endedCount()).toBe(1);
});

test('the oldest ended jobs are forgotten with their attempts, live ones never', async () => {
  await using opened = await openStore();
  const { store } = opened;
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    store.insert(newJob(store, id));
    store.insertAttempt(id, 1, at(1), { status: 'starting' });
    if (id !== 'a') store.end(id, end());
  }
  const longAgo = at(0);
  expect(new Set(store.pruneEnded(2, longAgo).map(({ number }) => number))).toEqual(new Set([2, 3]));
  expect(store.list({ limit: 10 }).map(({ record }) => record.jobId)).toEqual(['e', 'd', 'a']);
  expect([store.endedCount(), store.pruneEnded(2, longAgo), store.get('b')]).toEqual([2, [], undefined]);
  // Were the attempts still there, the id could not be used again.
  store.insert(newJob(store, 'b'));
  store.insertAttempt('b', 1, at(1), { status: 'starting' });
  expect(store.get('b')?.attempts).toHaveLength(1);
});

test('ended jobs are forgotten when they are too old, live ones never', async () => {
  await using opened = await openStore();
  const { store } = opened;
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    store.insert(newJob(store, id));
    if (id !== 'c') store.end(id, end({ endedAt: at(index), counts: counts({ storedBytes: 10 + index }) }));
  }
  expect(store.pruneEnded(10, at(0))).toEqual([]);
  expect(store.pruneEnded(10, at(1))).toEqual([{ number: 1, storedBytes: 10 }]);
  expect(store.list({ limit: 10 }).map(({ record }) => record.jobId)).toEqual(['c', 'b']);
});

test('the output of the oldest ended job is dropped first, and the job is still known', async () => {
  await using opened = await openStore();
  const { store } = opened;
  for (const id of ['a', 'b', 'c', 'd']) {
    store.insert(newJob(store, id));
    const printed = { outputBytes: 100, droppedBytes: 40, storedBytes: id === 'a' ? 0 : 70 };
    if (id !== 'd') store.end(id, end({ counts: counts(printed) }));
  }
  expect(store.storedBytes()).toBe(140);
  const [oldest, ...others] = store.oldestOutputs(5);
  expect(oldest).toEqual({ jobId: 'b', number: 2, storedBytes: 70, keptBytes: 60 });
  expect(others.map(({ jobId }) => jobId)).toEqual(['c']);
  store.dropOutput('b', 5);
  expect(store.get('b')?.counts).toEqual(counts({ outputBytes: 100, droppedBytes: 100, droppedLines: 5 }));
  expect([store.storedBytes(), store.oldestOutputs(1).map(({ jobId }) => jobId)]).toEqual([70, ['c']]);
});

test('with nothing to keep all ended jobs are forgotten', async () => {
  await using opened = await openStore();
  const { store } = opened;
  store.insert(newJob(store, 'a'));
  store.end('a', end());
  expect(store.pruneEnded(0, at(0))).toEqual([{ number: 1, storedBytes: 0 }]);
  expect([store.endedCount(), [...store.numbers()]]).toEqual([0, []]);
});

import { JobView, type JobState, type JobStatus } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import type { LogCounts } from '../log-counts.ts';
import { openDatabase } from '../store/database.ts';
import { JobStore } from '../store/job-store.ts';
import { listJobs, recordToView, type JobPage, type JobsQuery } from './job-views.ts';

const at = '2026-11-20T10:00:00.000Z';
const queued: JobState = { status: 'queued', reason: 'capacity' };
const running: JobState = { status: 'running', paused: false };
const ended: JobState = { status: 'ended', outcome: { status: 'succeeded' } };

const countsOf = (outputBytes: number): LogCounts => ({
  outputBytes,
  droppedBytes: 2,
  droppedLines: 1,
  invalidBytes: 3,
  storedBytes: 7,
});

/** A store with these jobs; `E` has ended, `L` is seen live as running, `Q` as it is in the store. */
function createJobs(kinds: string): Disposable & {
  store: JobStore;
  list: (query: Partial<JobsQuery>) => JobPage;
  ids: (query: Partial<JobsQuery>) => string[];
} {
  const store = new JobStore(openDatabase(':memory:'));
  for (const [index, kind] of Array.from(kinds).entries()) {
    const jobId = `${kind}${index}`;
    store.insert({
      jobId,
      number: store.takeNumber(),
      kind: 'command',
      lane: 'command',
      title: 'true',
      cwd: '/',
      params: { kind: 'command', cwd: '/', priority: 0, onDetach: 'cancel', stdin: 'none', argv: ['true'] },
      containment: 'portable',
      paramsHash: '',
      sessionId: undefined,
      state: queued,
      createdAt: at,
    });
    if (kind !== 'E') continue;
    store.end(jobId, {
      state: ended,
      endedAt: at,
      counts: countsOf(0),
      lastSeq: 3,
      drained: true,
      result: undefined,
    });
  }
  const liveView = (jobId: string): JobView | undefined => {
    const record = jobId.startsWith('L') ? store.get(jobId) : undefined;
    return record === undefined ? undefined : { ...recordToView(record), state: running };
  };
  const list = (query: Partial<JobsQuery>): JobPage => listJobs({ limit: 50, ...query }, store, liveView);
  return {
    store,
    list,
    ids: (query) => list(query).jobs.map(({ jobId }) => jobId),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

/** All pages, as a client reads them. */
function pagesOf(list: (query: Partial<JobsQuery>) => JobPage, query: Partial<JobsQuery>): string[][] {
  const pages: string[][] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = list({ ...query, cursor });
    pages.push(page.jobs.map(({ jobId }) => jobId));
    cursor = page.nextCursor;
  }
  return pages;
}

test('a record is seen as a view of the protocol', () => {
  using jobs = createJobs('QE');
  const { store } = jobs;
  store.insertAttempt('E1', 1, at, { status: 'starting' });
  store.end('E1', {
    state: ended,
    endedAt: at,
    counts: countsOf(5),
    lastSeq: 9,
    drained: true,
    result: { kind: 'command', exitCode: 0, signal: null },
  });
  const views = ['Q0', 'E1'].flatMap((jobId) => {
    const record = store.get(jobId);
    return record === undefined ? [] : [recordToView(record)];
  });
  const common = {
    kind: 'command',
    title: 'true',
    cwd: '/',
    lane: 'command',
    containment: 'portable',
    createdAt: at,
    attachments: 0,
  };
  const printed = (outputBytes: number) => ({
    outputBytes,
    droppedBytes: outputBytes === 0 ? 0 : 2,
    droppedLines: outputBytes === 0 ? 0 : 1,
    invalidBytes: outputBytes === 0 ? 0 : 3,
    isBlocked: false,
  });
  expect(views).toStrictEqual([
    { ...common, jobId: 'Q0', state: queued, attempts: [], ...printed(0), lastSeq: 0 },
    {
      ...common,
      jobId: 'E1',
      state: ended,
      startedAt: at,
      endedAt: at,
      attempts: [{ attempt: 1, startedAt: at }],
      ...printed(5),
      lastSeq: 9,
      drained: true,
      result: { kind: 'command', exitCode: 0, signal: null },
    },
  ]);
  for (const view of views) expect(JobView.parse(view)).toEqual(view);
});

test('a live job is seen as it is now, not as it was written', () => {
  using jobs = createJobs('QL');
  expect(jobs.list({}).jobs.map(({ state }) => state)).toEqual([running, queued]);
});

test.each<[states: JobStatus[] | undefined, ids: string[]]>([
  [undefined, ['Q4', 'L3', 'E2', 'L1', 'E0']],
  [['ended'], ['E2', 'E0']],
  [['running'], ['L3', 'L1']],
  [
    ['queued', 'running'],
    ['Q4', 'L3', 'L1'],
  ],
  [
    ['ended', 'queued'],
    ['Q4', 'E2', 'E0'],
  ],
  [['stopping'], []],
  [[], []],
])('of jobs in every state, those asked for by %j are %j', (states, ids) => {
  using jobs = createJobs('ELELQ');
  expect(jobs.ids({ states })).toEqual(ids);
});

test.each<[limit: number, states: JobStatus[] | undefined, pages: string[][]]>([
  [2, undefined, [['Q6', 'E5'], ['L4', 'E3'], ['E2', 'L1'], ['E0']]],
  [7, undefined, [['Q6', 'E5', 'L4', 'E3', 'E2', 'L1', 'E0']]],
  [
    2,
    ['ended'],
    [
      ['E5', 'E3'],
      ['E2', 'E0'],
    ],
  ],
  [1, ['running'], [['L4'], ['L1']]],
  [2, ['running'], [['L4', 'L1']]],
  // Entries that are not wanted lie between those that are, also between two pages.
  [1, ['ended', 'running'], [['E5'], ['L4'], ['E3'], ['E2'], ['L1'], ['E0']]],
  [
    3,
    ['ended', 'queued'],
    [
      ['Q6', 'E5', 'E3'],
      ['E2', 'E0'],
    ],
  ],
])('with %i on a page and states %j the pages are %j', (limit, states, pages) => {
  using jobs = createJobs('ELEELEQ');
  expect(pagesOf(jobs.list, { limit, states })).toEqual(pages);
});

test('a cursor keeps its place when new jobs come', () => {
  using jobs = createJobs('EEE');
  const first = jobs.list({ limit: 2 });
  const { store } = jobs;
  const [record] = store.list({ limit: 1 });
  expect(record?.record.jobId).toBe('E2');
  store.insert({
    jobId: 'Q9',
    number: store.takeNumber(),
    kind: 'command',
    lane: 'command',
    title: '',
    cwd: '/',
    params: { kind: 'command', cwd: '/', priority: 0, onDetach: 'cancel', stdin: 'none', argv: ['true'] },
    containment: 'portable',
    paramsHash: '',
    sessionId: undefined,
    state: queued,
    createdAt: at,
  });
  expect(jobs.ids({ limit: 2, cursor: first.nextCursor })).toEqual(['E0']);
});

test.each(['', 'x', '1.5', 'NaN', '1e99'])(
  'a cursor of %j, which nobody was given, begins at the newest',
  (cursor) => {
    using jobs = createJobs('EQ');
    expect(jobs.ids({ cursor })).toEqual(['Q1', 'E0']);
  },
);

import type { JobView } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { ageText, jobTable, sizeText, stateText } from './job-table.ts';

const job: JobView = {
  jobId: 'j_1',
  kind: 'command',
  state: { status: 'running', paused: false },
  title: 'sleep 60',
  cwd: '/',
  lane: 'command',
  createdAt: '2030-01-01T00:00:00.000Z',
  attempts: [],
  outputBytes: 0,
  droppedBytes: 0,
  droppedLines: 0,
  invalidBytes: 0,
  isBlocked: false,
  lastSeq: 0,
  attachments: 0,
};

test('columns line up, and a title stays on its line', () => {
  const jobs: JobView[] = [job, { ...job, jobId: 'longer-id', kind: 'claude', title: 'do\nthis \u{1b}[2J' }];
  expect(jobTable(jobs, new Date('2030-01-01T00:02:05.000Z'))).toEqual([
    'JOB        KIND     STATE    AGE  TITLE',
    'j_1        command  running  2m   sleep 60',
    'longer-id  claude   running  2m   do this',
  ]);
});

test('the words of a long failure leave room for the title', () => {
  const message = 'API Error: the connection was dropped, and so on. '.repeat(10);
  const outcome = { status: 'failed', reason: 'api', message } as const;
  const [, row] = jobTable(
    [{ ...job, state: { status: 'ended', outcome } }],
    new Date('2030-01-01T00:02:05.000Z'),
  );
  expect(row).toBe('j_1  command  failed (API Error: the connection w…  2m   sleep 60');
});

test('states read as people say them', () => {
  const hold = { status: 'queued', reason: 'hold' } as const;
  const states = [{ status: 'running', paused: true }, hold, { status: 'stopping' }] as const;
  expect(states.map(stateText)).toEqual(['paused', 'held', 'stopping']);
  expect(stateText({ status: 'ended', outcome: { status: 'timed_out', which: 'idle' } })).toBe(
    'timed out (idle)',
  );
});

test('ages are told in the largest unit', () => {
  expect([-5, 59_999, 60_000, 7_200_000, 200_000_000].map(ageText)).toEqual(['0s', '59s', '1m', '2h', '2d']);
});

test('what became of the output is told with the state', () => {
  const [, blocked, dropped] = jobTable(
    [
      { ...job, isBlocked: true },
      { ...job, droppedBytes: 5_000_000 },
    ],
    new Date('2030-01-01T00:02:05.000Z'),
  );
  expect([blocked, dropped]).toEqual([
    'j_1  command  blocked                2m   sleep 60',
    'j_1  command  running, dropped 4.8M  2m   sleep 60',
  ]);
});

test('sizes are told in the largest unit', () => {
  expect([0, 999, 1_000, 20_000, 1_048_576, 5e12].map(sizeText)).toEqual([
    '0B',
    '999B',
    '1.0K',
    '20K',
    '1.0M',
    '4.5T',
  ]);
});

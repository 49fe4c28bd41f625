import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { logDestination, readableLogLine } from './log-lines.ts';
import { dim } from './terminal-text.ts';

test('programs get JSON', () => {
  const stderr = new PassThrough();
  pino({ level: 'info' }, logDestination(stderr)).info({ jobId: 'j_1' }, 'job ended');
  expect(JSON.parse(String(stderr.read()))).toMatchObject({ level: 30, jobId: 'j_1', msg: 'job ended' });
});

test('people get time, level, message and facts', () => {
  const line = JSON.stringify({ level: 40, time: 0, pid: 1, hostname: 'h', jobs: 2, why: 'w', msg: 'lost' });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  expect(readableLogLine(line, stderr)).toBe(
    `${new Date(0).toTimeString().slice(0, 8)} warn  lost ${dim('jobs=2 why=w', stderr)}`,
  );
  pino({ level: 'info' }, logDestination(stderr)).info('ready');
  expect(String(stderr.read())).toMatch(/info {2}ready\n$/);
});

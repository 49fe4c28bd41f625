import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { LogEntry, Outcome } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { OutputPrinter } from './output-printer.ts';

test.each([
  [{ status: 'lost' }, 'the executor died while it ran; the last of the output may be missing'],
  [{ status: 'succeeded' }, 'the output was cut off: something held it open after the end'],
] satisfies [Outcome, string][])('why the output of %j is not whole is told', async (outcome, words) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const entry: LogEntry = {
    type: 'closed',
    seq: 1,
    at: '2030-01-01T00:00:00.000Z',
    outcome,
    drained: false,
  };
  await new OutputPrinter({ stdout, stderr }, false).show(entry);
  stderr.end();
  expect(await text(stderr)).toBe(`cc-executor: ${words}\n`);
});

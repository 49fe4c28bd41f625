import type { LogEntry } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { OutputView } from './output-view.ts';

function output(offset: number, data: string, invalidBytes?: number): LogEntry {
  const bytes = Buffer.byteLength(data);
  const invalid = invalidBytes === undefined ? {} : { invalidBytes };
  return { type: 'output', seq: 1, offset, bytes, stream: 'stdout', encoding: 'utf8', data, ...invalid };
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${index}\n`.padStart(10)).join('');

test('what was left out can be had from a byte on', () => {
  const view = new OutputView(50);
  view.take(output(100, lines(10)));
  const text = view.render('j');
  expect(text).toContain('… 50 bytes (5 lines) omitted; call read_output with job_id=j offset=120 or search');
});

test('when bytes were replaced, nobody knows at which byte a line is', () => {
  const view = new OutputView(50);
  view.take(output(0, `\ufffd${lines(10)}`, 1));
  expect(view.render('j')).toContain('omitted; call read_output with job_id=j or search');
});

test('what is no longer kept is told apart from what is left out', () => {
  const view = new OutputView(1_000);
  view.take({ type: 'gap', fromSeq: 1, firstSeq: 9, lostBytes: 4_000 });
  view.take(output(4_000, 'end\n'));
  expect(view.render('j')).toBe('… 4000 bytes are no longer kept …\nend');
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestBridge } from './test-bridge.ts';

const body = ({ text }: { text: string }) => text.split('\n').slice(1);

test('read_output shows the first lines, the last ones, and any page, and says how to go on', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const { facts } = await parent.call('execute', { command: 'seq 100000' });
  const read = (input: object) => parent.call('read_output', { job_id: facts['job'], ...input });

  const head = await read({ head_lines: 3 });
  expect(body(head)).toEqual(['1', '2', '3']);
  expect(head.facts).toMatchObject({ shown: '0-6/588895', next_offset: '6', at_end: 'false' });
  const next = await read({ offset: 6, max_bytes: 4 });
  expect(body(next)).toEqual(['4', '5']);
  expect(next.facts).toMatchObject({ shown: '6-10/588895', next_offset: '10' });

  const tail = await read({ tail_lines: 2 });
  expect(body(tail)).toEqual(['99999', '100000']);
  expect(tail.facts).toMatchObject({ shown: '588882-588895/588895', next_offset: '588895', at_end: 'true' });
  const short = await read({ tail_lines: 2, max_bytes: 10 });
  expect(body(short)).toEqual(['… max_bytes=10 reaches back to here …', '99', '100000']);

  const beyond = await read({ offset: 1_000_000 });
  expect([beyond.isError, beyond.facts]).toEqual([true, { error: 'beyondEnd' }]);
  expect(beyond.text).toContain('588895');
});

test('read_output searches, with the lines around what it finds', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const { facts } = await parent.call('execute', { command: 'seq 100000' });
  const search = (input: object) => parent.call('read_output', { job_id: facts['job'], ...input });

  const found = await search({ search: '7778', context_lines: 1 });
  expect(body(found).slice(0, 7)).toEqual([
    '  7777',
    '37778: 7778',
    '  7779',
    '--',
    '  17777',
    '95556: 17778',
    '  17779',
  ]);
  expect(found.facts).toMatchObject({ matches: '20', searched: '0-588895/588895', complete: 'true' });

  const first = await search({ search: '1', max_bytes: 30 });
  expect(body(first)).toEqual(['0: 1', '18: 10', '21: 11', '24: 12']);
  expect(first.facts).toMatchObject({ matches: '4', next_offset: '27', complete: 'false' });
  const second = await search({ search: '1', max_bytes: 1, offset: 27 });
  expect(body(second)).toEqual(['27: 13']);

  const none = await search({ search: 'nowhere' });
  expect(body(none)).toEqual([]);
  expect(none.facts).toMatchObject({ matches: '0', complete: 'true' });
});

test('read_output keeps the streams apart when asked', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const program = 'import sys\nprint("to stdout")\nprint("to stderr", file=sys.stderr)\n';
  await writeFile(join(bridge.project, 'both.py'), program);
  const { facts } = await parent.call('execute', { command: 'python3 both.py' });
  const read = (input: object) => parent.call('read_output', { job_id: facts['job'], ...input });
  expect(body(await read({ stream: 'stderr' }))).toEqual(['[stderr] to stderr']);
  expect(body(await read({ stream: 'stdout', search: 'to ' }))).toEqual([
    expect.stringMatching(/^\d+: to stdout$/),
  ]);
});

test('read_output of a Claude reads and searches what it said and did', async () => {
  await using bridge = await createTestBridge();
  await using parent = await bridge.connect();
  const prompt = 'scenario:text {"text":"First line.\\nA needle here.\\nLast line."}';
  const { facts } = await parent.call('execute_claude', { prompt });
  const read = (input: object) => parent.call('read_output', { job_id: facts['job'], ...input });
  const all = await read({});
  expect(body(all)).toEqual(['First line.', 'A needle here.', 'Last line.']);
  expect(all.facts).toMatchObject({ at_end: 'true' });
  expect(body(await read({ tail_lines: 1 }))).toEqual(['Last line.']);
  expect(body(await read({ head_lines: 1 }))).toEqual(['First line.']);
  const found = await read({ search: 'needle', context_lines: 1 });
  expect(body(found)).toEqual([
    '  First line.',
    expect.stringMatching(/^\d+: A needle here\.$/),
    '  Last line.',
  ]);
  expect(found.facts).toMatchObject({ matches: '1', complete: 'true' });
  expect(body(await read({ after_seq: Number(all.facts['next_after_seq']) }))).toEqual([]);
});

import { expect, test } from 'vitest';
import { startFakeExecutor, type FakeExecutor } from '../fake-executor.ts';
import type { FakeJob } from '../fake-job.ts';
import { startTestBridge, type TestBridge } from '../test-bridge.ts';

async function start(executor: FakeExecutor, bridge: TestBridge): Promise<FakeJob> {
  await bridge.call('execute', { command: 'x', background: true });
  return executor.nextJob();
}

test('wait brings the results of those that ended and one line for the others', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const [quick, slow] = [await start(executor, bridge), await start(executor, bridge)];
  quick.print('out\n');
  quick.exit(0);
  const { text, isError } = await bridge.call('wait', {
    job_ids: [quick.jobId, slow.jobId],
    wait_seconds: 0.1,
  });
  const [first, second, next] = text.split('\n\n');
  expect(first).toBe(`job=${quick.jobId} state=ended outcome=succeeded exit=0 wall=41.2s\nout`);
  expect(second).toMatch(new RegExp(`^job=${slow.jobId} state=running `));
  expect(next).toBe(`next: call wait again with job_ids=["${slow.jobId}"]; do not poll`);
  expect(isError).toBe(false);
});

test('wait is an error only when all that ended did so badly', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const [bad, good] = [await start(executor, bridge), await start(executor, bridge)];
  bad.exit(2);
  expect((await bridge.call('wait', { job_ids: [bad.jobId] })).isError).toBe(true);
  good.exit(0);
  expect((await bridge.call('wait', { job_ids: [bad.jobId, good.jobId] })).isError).toBe(false);
});

test('head and tail of a long output are read without what lies between', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  for (let index = 0; index < 100; index++) job.print(`${`line ${index} `.padEnd(99, '.')}\n`.repeat(500));
  job.exit(0);
  const { text, lines } = await bridge.call('wait', { job_ids: [job.jobId] });
  expect(lines[1]).toMatch(/^line 0 /);
  expect(lines.at(-1)).toMatch(/^line 99 /);
  expect(text).toMatch(/… \d{7} bytes omitted; call read_output/);
  expect(text.length).toBeLessThan(17_000);
  const reads = executor.requests.filter(({ method }) => method === 'job/read');
  expect(reads.length).toBeLessThan(5);
});

test('many results share the room', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const jobs: FakeJob[] = [];
  for (let index = 0; index < 10; index++) jobs.push(await start(executor, bridge));
  for (const job of jobs) {
    job.print('word '.repeat(3_000));
    job.exit(0);
  }
  const { text } = await bridge.call('wait', { job_ids: jobs.map(({ jobId }) => jobId) });
  expect(text.length).toBeLessThan(50_000);
  for (const { jobId } of jobs) expect(text).toContain(`job=${jobId} state=ended`);
});

test('read_output pages on from where the page before ended, and shows the last lines', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  for (const line of ['a\n', 'b\n', 'c\n']) job.print(line);
  const read = (args: object) => bridge.call('read_output', { job_id: job.jobId, ...args });
  const page = await read({ max_bytes: 3 });
  expect(page.lines[0]).toMatch(/ output=6B shown=0-4\/6 next_offset=4 at_end=false$/);
  expect(page.lines.slice(1)).toEqual(['a', 'b']);
  expect((await read({ offset: 4 })).lines.slice(1)).toEqual(['c']);
  const next = await read({ after_seq: 2 });
  expect(next.lines[0]).toMatch(/ shown=4-6\/6 next_after_seq=3 at_end=false$/);
  expect(next.lines.slice(1)).toEqual(['c']);
  expect((await read({ tail_lines: 2 })).lines.slice(1)).toEqual(['b', 'c']);
  expect((await read({ tail_lines: 2, after_seq: 1 })).isError).toBe(true);
});

test('read_output shows all of a line that was cut in the result', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  const line = JSON.stringify(Array.from({ length: 4_000 }, (_, index) => index));
  job.print(line.slice(0, 9_000));
  job.print(`${line.slice(9_000)}\n`);
  job.exit(0);
  const { lines } = await bridge.call('read_output', { job_id: job.jobId });
  expect(lines.slice(1)).toEqual([line]);
});

test.each([
  [{ tail_lines: 1, offset: 0 }, 'read_output takes at most one of offset and tail_lines'],
  [
    { search: 'x', tail_lines: 1 },
    'search goes through all there is, or on from a place: it takes no tail_lines',
  ],
  [{ search: 'x', after_seq: 1 }, 'the output of a command is searched on from offset'],
  [{ context_lines: 1 }, 'context_lines are for search'],
])('read_output refuses %j, and says why', async (args, words) => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  const { lines, isError } = await bridge.call('read_output', { job_id: job.jobId, ...args });
  expect([lines.slice(0, 2), isError]).toEqual([['error=invalidArguments', words], true]);
});

test('read_output of a Claude takes no place in its raw output', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  await bridge.call('execute_claude', { prompt: 'x', background: true });
  const { jobId } = await executor.nextJob();
  const { lines } = await bridge.call('read_output', { job_id: jobId, stream: 'stdout' });
  expect(lines[1]).toBe('offset and stream are for commands; a Claude is read and searched by after_seq');
});

test('what a job has lost of its output is told with its state', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  job.print('end\n');
  job.droppedBytes = 1_000;
  expect((await bridge.call('read_output', { job_id: job.jobId })).lines[0]).toContain(' dropped=1000B ');
});

test('read_output of a Claude shows what it said and did', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  await bridge.call('execute_claude', { prompt: 'x', background: true });
  const job = await executor.nextJob();
  job.tell({ type: 'textDelta', text: 'I lo' });
  job.tell({ type: 'text', text: 'I look.' });
  job.tell({ type: 'toolUse', toolUseId: 't', name: 'Bash', summary: 'ls' });
  job.tell({ type: 'toolResult', toolUseId: 't', isError: false, summary: 'a.txt' });
  const { lines } = await bridge.call('read_output', { job_id: job.jobId });
  expect(lines.slice(1)).toEqual(['I look.', '[tool] Bash ls', '[result] a.txt']);
});

test('control says what was and what is, job by job', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  const { text, isError } = await bridge.call('control', {
    job_ids: [job.jobId, 'nope'],
    action: 'cancel',
    grace_seconds: 1.5,
  });
  expect(text).toContain(`job=${job.jobId} action=cancel before=running after=ended/cancelled`);
  expect(text).toContain('job=nope action=cancel error=unknownJob');
  expect(isError).toBe(false);
  expect((await executor.seen('job/cancel')).params['graceMs']).toBe(1500);
});

test('an unknown job comes with the way to those there are', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const { lines } = await bridge.call('wait', { job_ids: ['nope'] });
  expect(lines).toEqual([
    'error=unknownJob',
    'There is no job nope',
    'hint: list_jobs shows the jobs there are',
  ]);
});

test('list_jobs gives a line for each', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  const { lines } = await bridge.call('list_jobs', { states: ['running'] });
  expect(lines[0]).toBe('jobs=1');
  expect(lines[1]).toMatch(new RegExp(`^job=${job.jobId} state=running .* kind=command title=title of`));
});

test('send_input writes and closes', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const job = await start(executor, bridge);
  const { text } = await bridge.call('send_input', { job_id: job.jobId, text: 'yes\n', eof: true });
  expect(text).toBe(`job=${job.jobId} accepted=4B eof=true`);
  expect((await executor.seen('job/closeStdin')).params).toEqual({ jobId: job.jobId });
  expect((await bridge.call('send_input', { job_id: job.jobId })).isError).toBe(true);
});

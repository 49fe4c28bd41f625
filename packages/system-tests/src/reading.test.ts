import { fixture } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

const anything = { policy: { shell: 'full' } } as const;

test('[W1] reading pages through the log, begins near its end, and tells when nothing follows', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', {
    kind: 'command',
    cwd: '/',
    argv: ['seq', '100000'],
    attach: false,
  });
  await client.call('job/wait', { jobIds: [jobId] });
  let text = '';
  let afterSeq = 0;
  for (let atEnd = false; !atEnd;) {
    const page = await client.call('job/read', { jobId, afterSeq, maxBytes: 10_000 });
    for (const entry of page.entries) if (entry.type === 'output') text += entry.data;
    afterSeq = page.nextAfterSeq;
    atEnd = page.atEnd;
  }
  expect(text).toBe(Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join(''));
  const tail = await client.call('job/read', { jobId, tailBytes: 100 });
  const tailText = tail.entries.map((entry: { data?: string }) => entry.data ?? '').join('');
  expect(tailText.endsWith('99999\n100000\n')).toBe(true);
  expect(tail.atEnd).toBe(true);
});

test('[W1] reading waits for a first entry, and no longer than asked', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('ticks.mjs'), '400', '1'];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv, attach: false });
  let output: { type: string } | undefined;
  for (let afterSeq = 0; output === undefined;) {
    const page = await client.call('job/read', { jobId, afterSeq, waitMs: 30_000 });
    output = page.entries.find(({ type }: { type: string }) => type === 'output');
    afterSeq = page.nextAfterSeq;
  }
  expect(output).toMatchObject({ data: 'tick 1\n' });
  const nothing = await client.call('job/read', { jobId, afterSeq: 1_000_000, waitMs: 50 });
  expect(nothing.entries).toEqual([]);
});

test('[W2] waiting for any or all tells whether it came true', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = async (argv: string[]) =>
    (await client.call('job/start', { kind: 'command', cwd: '/', argv })).jobId;
  const jobIds = [await start(['sleep', '300']), await start(['true'])];
  expect(await client.call('job/wait', { jobIds, mode: 'any' })).toMatchObject({
    done: true,
    jobs: [{ state: { status: 'running' } }, { state: { status: 'ended' } }],
  });
  expect(await client.call('job/wait', { jobIds, mode: 'all', waitMs: 50 })).toMatchObject({ done: false });
  expect(await client.errorOf('job/wait', { jobIds: ['j_none'] })).toBe('unknownJob');
});

test('[W3] jobs are listed newest first, by state, page by page', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const jobId of ids) {
    const argv = jobId === 'c' ? ['sleep', '300'] : ['true'];
    await client.call('job/start', { kind: 'command', cwd: '/', argv, jobId });
    if (jobId !== 'c') await client.notification('job/closed', jobId);
  }
  const names = (page: { jobs: { jobId: string }[] }) => page.jobs.map(({ jobId }) => jobId);
  const first = await client.call('job/list', { limit: 2 });
  expect(names(first)).toEqual(['e', 'd']);
  const second = await client.call('job/list', { limit: 2, cursor: first.nextCursor });
  expect(names(second)).toEqual(['c', 'b']);
  const third = await client.call('job/list', { limit: 2, cursor: second.nextCursor });
  expect(third).toMatchObject({ jobs: [{ jobId: 'a' }] });
  expect(third.nextCursor).toBeUndefined();
  expect(names(await client.call('job/list', { states: ['running'] }))).toEqual(['c']);
  await expect
    .poll(async () => names(await client.call('job/list', { states: ['ended'] })))
    .toEqual(['e', 'd', 'b', 'a']);
  expect(await client.call('job/get', { jobId: 'a' })).toMatchObject({
    jobId: 'a',
    kind: 'command',
    title: 'true',
    cwd: '/',
    lane: 'command',
    state: { status: 'ended', outcome: { status: 'succeeded' } },
    attempts: [{ attempt: 1, code: 0, signal: null }],
    drained: true,
  });
});

test('after a restart ended jobs and their output are still there', async () => {
  const first = await startTestExecutor();
  let jobId: string;
  {
    await using client = await first.connect();
    ({ jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['echo', 'kept'] }));
    await client.notification('job/closed', jobId);
    await first.executor[Symbol.asyncDispose]();
  }
  await using second = await startTestExecutor({ stateDir: first.stateDir });
  await using client = await second.connect();
  expect(await client.call('job/get', { jobId })).toMatchObject({
    state: { outcome: { status: 'succeeded' } },
  });
  await client.call('job/attach', { jobId });
  await client.notification('job/closed', jobId);
  expect(client.output(jobId)).toBe('kept\n');
  await first[Symbol.asyncDispose]();
});

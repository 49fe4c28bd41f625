import { fixture } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';
import type { WireClient } from './wire-client.ts';

const anything = { policy: { shell: 'full' } } as const;

/** Runs a program to its end and gives its job. */
async function ended(client: WireClient, argv: string[]): Promise<string> {
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv, attach: false });
  await client.call('job/wait', { jobIds: [jobId] });
  return jobId;
}

const node = (script: string): string[] => ['node', '-e', script];
const text = (page: { entries: { data?: string }[] }) => page.entries.map(({ data = '' }) => data).join('');

test('[W1] reading pages through the log, by sequence and by byte, and tells when nothing follows', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['seq', '100000']);
  const whole = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join('');
  let [bySeq, byByte] = ['', ''];
  for (let afterSeq = 0, atEnd = false; !atEnd;) {
    const page = await client.call('job/read', { jobId, afterSeq, maxBytes: 10_000 });
    bySeq += text(page);
    ({ nextAfterSeq: afterSeq, atEnd } = page);
  }
  expect(bySeq === whole).toBe(true);
  for (let offset = 0, atEnd = false; !atEnd;) {
    const page = await client.call('job/read', { jobId, offset, maxBytes: 10_000 });
    expect(page.nextOffset - offset).toBeLessThanOrEqual(10_000);
    byByte += text(page);
    ({ nextOffset: offset, atEnd } = page);
  }
  expect(byByte === whole).toBe(true);
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
  const silent = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  await client.notification('job/started', silent.jobId);
  const { lastSeq } = await client.call('job/get', { jobId: silent.jobId });
  const nothing = await client.call('job/read', { jobId: silent.jobId, afterSeq: lastSeq, waitMs: 50 });
  expect([nothing.entries, nothing.atEnd]).toEqual([[], false]);
});

test('[W4] output begins exactly at a byte, from either end, and ends where it should', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['seq', '100000']);
  const read = async (from: object) => text(await client.call('job/read', { jobId, ...from }));
  expect(await read({ tailBytes: 10 })).toBe('99\n100000\n');
  expect(await read({ tailLines: 3 })).toBe('99998\n99999\n100000\n');
  expect(await read({ offset: 588_886, maxLines: 2 })).toBe('9\n100000\n');
  const head = await client.call('job/read', { jobId, maxLines: 3 });
  expect([text(head), head.nextOffset]).toEqual(['1\n2\n3\n', 6]);
  const next = await client.call('job/read', { jobId, offset: 6, maxLines: 1 });
  expect(next.entries).toEqual([expect.objectContaining({ offset: 6, bytes: 2, data: '4\n' })]);
  // The entry has not come whole, so by sequence it comes again.
  expect(await read({ afterSeq: head.nextAfterSeq, maxLines: 1 })).toBe('1\n');
});

test('[W4] lines count over both streams as they came, or in one', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const script = `
    const fs = require('node:fs');
    fs.writeSync(2, 'warning\\r\\n');
    process.stdin.once('data', () => fs.writeSync(1, 'one\\ntwo\\nopen')).once('end', () => process.exit());`;
  const params = { kind: 'command', cwd: '/', argv: node(script), stdin: 'pipe' };
  const { jobId } = await client.call('job/start', params);
  // Two pipes keep no order between them: the second is written once the first has come.
  await client.notification('job/output', jobId);
  await client.call('job/write', { jobId, writeId: '1', data: 'go' });
  await client.call('job/closeStdin', { jobId });
  await client.notification('job/closed', jobId);
  const read = async (from: object) => text(await client.call('job/read', { jobId, ...from }));
  expect(await read({ tailLines: 2 })).toBe('two\nopen');
  expect(await read({ tailLines: 2, stream: 'stderr' })).toBe('warning\r\n');
  expect(await read({ stream: 'stdout', maxLines: 1 })).toBe('one\n');
});

test('[W4] utf8 begins at the next character, and tells which bytes are none', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, node("process.stdout.write('a€😀\\0z')"));
  const read = async (from: object) => (await client.call('job/read', { jobId, ...from })).entries[0];
  expect(await read({ offset: 2 })).toMatchObject({ offset: 4, bytes: 6, data: '😀\0z' });
  expect(await read({ offset: 2, maxBytes: 3, encoding: 'base64' })).toMatchObject({
    offset: 2,
    data: 'gqzw',
  });
  expect(await read({ offset: 1, maxBytes: 4 })).toMatchObject({ bytes: 3, data: '€' });
  const invalid = await ended(client, node('process.stdout.write(Buffer.from([0x61, 0xff, 0xfe, 0x62]))'));
  const page = await client.call('job/read', { jobId: invalid, offset: 2 });
  expect(page.entries[0]).toMatchObject({ bytes: 2, data: '\ufffdb', invalidBytes: 1 });
});

test('[W4] a line that never ends is read in bounded pages, from either end', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['head', '-c', '50000000', '/dev/zero']);
  const tail = await client.call('job/read', { jobId, tailLines: 3, maxBytes: 1_000 });
  expect(tail.entries[0]).toMatchObject({ offset: 49_999_000, bytes: 1_000 });
  const head = await client.call('job/read', { jobId, maxLines: 1, maxBytes: 1_000 });
  expect([text(head), head.nextOffset]).toEqual(['\0'.repeat(1_000), 1_000]);
});

test('[W5] a place beyond the end is an error that tells where the end is', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['echo', 'hello']);
  const { lastSeq } = await client.call('job/get', { jobId });
  for (const place of [{ afterSeq: lastSeq + 1 }, { offset: 7 }]) {
    const { error } = await client.request('job/read', { jobId, ...place });
    expect(error?.data).toMatchObject({ code: 'beyondEnd', jobId, lastSeq, outputBytes: 6 });
  }
  expect(await client.errorOf('job/search', { jobId, text: 'x', offset: 7 })).toBe('beyondEnd');
  expect((await client.call('job/read', { jobId, afterSeq: lastSeq })).atEnd).toBe(true);
  expect((await client.call('job/read', { jobId, offset: 6 })).nextOffset).toBe(6);
  expect(await client.errorOf('job/read', { jobId, offset: 0, tailLines: 1 })).toBe('invalidParams');
});

test('[W2] waiting for any or all tells whether it came true', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = async (argv: string[]) =>
    (await client.call('job/start', { kind: 'command', cwd: '/', argv })).jobId;
  const jobIds = [await start(['sleep', '300']), await start(['true'])];
  await client.notification('job/started', jobIds[0]);
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

import { fixture } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';
import type { WireClient } from './wire-client.ts';

/** Runs a program to its end and gives its job. */
async function ended(client: WireClient, argv: string[], params: object = {}): Promise<string> {
  const start = { kind: 'command', cwd: '/', argv, attach: false, ...params };
  const { jobId } = await client.call('job/start', start);
  await client.call('job/wait', { jobIds: [jobId] });
  return jobId;
}

test('[W6] a search finds lines by a text, with where they begin and the lines around them', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['seq', '100000']);
  const search = (params: object) => client.call('job/search', { jobId, ...params });
  expect(await search({ text: '9999', contextLines: 1, offset: 530_000 })).toEqual({
    jobId,
    matches: [
      ...[99_990, 99_991, 99_992, 99_993, 99_994, 99_995, 99_996, 99_997, 99_998].map((number) => ({
        offset: 588_888 - (100_000 - number) * 6,
        line: `${number}`,
        before: [`${number - 1}`],
        after: [`${number + 1}`],
      })),
      { offset: 588_882, line: '99999', before: ['99998'], after: ['100000'] },
    ],
    fromOffset: 530_000,
    nextOffset: 588_895,
    isComplete: true,
  });
  // Literally: no dot stands for a digit, and no line is like another.
  expect((await search({ text: '9.99' })).matches).toEqual([]);
  expect(await client.errorOf('job/search', { jobId, text: 'a\nb' })).toBe('invalidParams');
});

test('[W6] with so many matches it stops, and goes on after the last of them', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['seq', '100000']);
  const found: string[] = [];
  for (let offset = 0, isComplete = false; !isComplete;) {
    const page = await client.call('job/search', { jobId, text: '777', maxMatches: 7, offset });
    found.push(...page.matches.map(({ line }: { line: string }) => line));
    ({ nextOffset: offset, isComplete } = page);
  }
  const expected = Array.from({ length: 100_000 }, (_, index) => `${index + 1}`);
  expect(found).toEqual(expected.filter((line) => line.includes('777')));
});

test('[W6] bytes that are no text and lines that never end are searched like any other', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const script = `
    const zeros = Buffer.alloc(1_000_000);
    for (let i = 0; i < 40; i += 1) process.stdout.write(zeros);
    process.stdout.write(Buffer.from([0xff, 0xfe]));
    process.stdout.write('needle€');
    for (let i = 0; i < 40; i += 1) process.stdout.write(zeros);
    process.stdout.write('\\r\\nnext needle');`;
  const jobId = await ended(client, ['node', '-e', script]);
  const { matches, isComplete } = await client.call('job/search', { jobId, text: 'needle', contextLines: 1 });
  const zeros = '\0'.repeat(995);
  expect([matches.length, isComplete]).toEqual([2, true]);
  expect(matches[0].line.slice(0, 1_010)).toBe(`${zeros}\ufffd\ufffdneedle€${'\0'.repeat(6)}`);
  expect(Buffer.byteLength(matches[0].line)).toBeLessThan(2_010);
  expect(matches[1]).toMatchObject({ offset: 80_000_013, line: 'next needle', before: ['\0'.repeat(2_000)] });
});

test('[W7] one search reads 256 MiB, and the next goes on', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobId = await ended(client, ['head', '-c', '300000000', '/dev/zero']);
  const first = await client.call('job/search', { jobId, text: 'x' });
  expect(first).toMatchObject({ matches: [], fromOffset: 0, isComplete: false });
  expect(first.nextOffset).toBeGreaterThanOrEqual(256 * 1024 * 1024);
  expect(first.nextOffset).toBeLessThan(258 * 1024 * 1024);
  const second = await client.call('job/search', { jobId, text: 'x', offset: first.nextOffset });
  expect(second).toMatchObject({ nextOffset: 300_000_000, isComplete: true });
});

test('[W8] what is no longer kept is a gap when it is read, and left out of a search that says so', async () => {
  await using executor = await startTestExecutor({ policy: { allow: [fixture('floods.mjs')] } });
  await using client = await executor.connect();
  const retention = { atQuota: 'tail', maxBytes: 1024 * 1024 };
  const jobId = await ended(client, [fixture('floods.mjs'), '200000'], { retention });
  const read = (from: object) => client.call('job/read', { jobId, maxLines: 1, ...from });
  let view = await client.call('job/get', { jobId });
  // A job has ended a moment before all of its log is on disk.
  const isSettled = async () => {
    view = await client.call('job/get', { jobId });
    return (await read({})).entries[0].lostBytes === view.droppedBytes;
  };
  await expect.poll(isSettled).toBe(true);
  expect(view.outputBytes).toBe(12_800_000);
  expect(view.droppedBytes).toBeGreaterThan(11_000_000);
  for (const from of [{}, { offset: 0 }, { tailLines: 199_999, maxBytes: 1024 * 1024 }]) {
    const [gap, first] = (await read(from)).entries.filter(({ type }: { type: string }) => type !== 'state');
    expect(gap).toMatchObject({ type: 'gap', lostBytes: view.droppedBytes });
    expect(first).toMatchObject({ type: 'output', offset: view.droppedBytes });
  }
  const [part] = (await read({ offset: view.droppedBytes - 10 })).entries;
  expect(part).toMatchObject({ type: 'gap', lostBytes: 10 });
  const tail = await read({ tailLines: 1 });
  expect(tail.entries[0].data).toBe(`${'200000'.padStart(63, '.')}\n`);
  const found = await client.call('job/search', { jobId, text: '.1', maxMatches: 1 });
  expect(found).toMatchObject({ fromOffset: view.droppedBytes });
});

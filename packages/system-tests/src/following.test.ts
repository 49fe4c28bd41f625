import { fixture } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

const anything = { policy: { shell: 'full' } } as const;

test('[F1] [F2] [F3] entries come in order, exited before closed, closed last', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['seq', '20000'] });
  await client.notification('job/closed', jobId);
  await client.call('executor/status');
  const entries = client.entries(jobId);
  const seqs = entries.map(({ params }) => params.seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  const methods = entries.map(({ method }) => method);
  expect(methods.at(-1)).toBe('job/closed');
  expect(methods.filter((method) => method === 'job/exited')).toHaveLength(1);
  expect(client.output(jobId).split('\n')).toHaveLength(20_001);
});

test('[F4] include chooses, and the state always comes', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['echo', 'unheard'], attach: { include: [] } };
  const { jobId } = await client.call('job/start', start);
  await client.notification('job/closed', jobId);
  const methods = new Set(client.entries(jobId).map(({ method }) => method));
  expect(methods).toEqual(new Set(['job/state', 'job/started', 'job/exited', 'job/closed']));
});

test('[F5] characters are never split, invalid bytes are replaced, base64 is exact', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const run = async (program: string, encoding: string) => {
    const start = { kind: 'command', cwd: '/', argv: [fixture(program)], attach: { encoding } };
    const { jobId } = await client.call('job/start', start);
    await client.notification('job/closed', jobId);
    return client.entries(jobId).filter(({ method }) => method === 'job/output');
  };
  const split = await run('splits-multibyte.mjs', 'utf8');
  expect(split.map(({ params }) => params.data).join('')).toBe('aé€😀z\n');
  expect(split.map(({ params }) => params.bytes).reduce((sum, bytes) => sum + bytes, 0)).toBe(12);
  for (const { params } of split) expect(params.data).not.toContain('\uFFFD');
  const invalid = await run('prints-invalid-utf8.mjs', 'utf8');
  expect(invalid.map(({ params }) => params.data).join('')).toBe('a\uFFFD\uFFFDb\uFFFD');
  const exact = await run('prints-invalid-utf8.mjs', 'base64');
  const bytes = Buffer.concat(exact.map(({ params }) => Buffer.from(params.data, 'base64')));
  expect(bytes).toEqual(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xe2]));
});

test('[F6] nothing is sent beyond the credit, and nothing is lost for it', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['seq', '200000'], attach: { creditBytes: 1 } };
  const { jobId } = await client.call('job/start', start);
  await client.notification('job/output', jobId);
  await client.call('job/wait', { jobIds: [jobId] });
  expect(client.entries(jobId).filter(({ method }) => method === 'job/output')).toHaveLength(1);
  await client.call('job/credit', { jobId, bytes: 64 * 1024 * 1024 });
  await client.notification('job/closed', jobId);
  expect(client.output(jobId)).toBe(Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join(''));
});

test('a client that stops reading delays neither others nor the job', async () => {
  await using executor = await startTestExecutor();
  await using stalled = await executor.connect();
  await using client = await executor.connect();
  const start = {
    kind: 'command',
    cwd: '/',
    argv: ['seq', '1000000'],
    attach: { creditBytes: 64 * 1024 * 1024 },
  };
  const { jobId } = await stalled.call('job/start', start);
  stalled.socket.pause();
  await client.call('job/attach', { jobId, creditBytes: 64 * 1024 * 1024 });
  await client.notification('job/closed', jobId);
  expect(client.output(jobId)).toHaveLength(6_888_896);
  stalled.socket.resume();
  await stalled.notification('job/closed', jobId);
  expect(stalled.output(jobId)).toBe(client.output(jobId));
});

test('[F7] attaching replays what came before, in the middle of a run and after its end', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  await using late = await executor.connect();
  const { jobId } = await client.call('job/start', {
    kind: 'command',
    cwd: '/',
    argv: [fixture('ticks.mjs'), '50', '10'],
  });
  const middle = await client.until(({ params }) => String(params?.data ?? '').includes('tick 4'));
  await late.call('job/attach', { jobId, afterSeq: 0 });
  await late.notification('job/closed', jobId);
  await client.notification('job/closed', jobId);
  expect(late.entries(jobId)).toEqual(client.entries(jobId));

  await using ended = await executor.connect();
  await expect.poll(async () => (await ended.call('executor/status')).jobs.live).toBe(0);
  await ended.call('job/attach', { jobId, afterSeq: middle.params.seq });
  await ended.notification('job/closed', jobId);
  expect(ended.entries(jobId)).toEqual(
    client.entries(jobId).filter(({ params }) => params.seq > middle.params.seq),
  );
});

test('[F8] a connection follows a job once', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  expect(await client.errorOf('job/attach', { jobId })).toBe('alreadyAttached');
  await client.call('job/detach', { jobId });
  const twice = [client.errorOf('job/attach', { jobId }), client.errorOf('job/attach', { jobId })];
  expect(await Promise.all(twice)).toEqual([undefined, 'alreadyAttached']);
  await client.call('job/detach', { jobId });
  expect(await client.errorOf('job/detach', { jobId })).toBe('notAttached');
  expect(await client.errorOf('job/credit', { jobId, bytes: 1 })).toBe('notAttached');
  expect(await client.call('job/attach', { jobId })).toMatchObject({ jobId });
});

test('[F9] output that a background child holds open is cut off and said to be', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', {
    kind: 'command',
    cwd: '/',
    argv: [fixture('holds-stdout.sh')],
  });
  const { params } = await client.notification('job/closed', jobId);
  expect(params).toMatchObject({ outcome: { status: 'succeeded' }, drained: false });
  expect(client.output(jobId)).toMatch(/^held by \d+\n$/);
});

import { connectClient, type ExecutorClient } from '@cc-executor/client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { printsPattern } from '../soak/output/pattern.ts';
import { ReceivedOutput } from '../soak/output/received-output.ts';
import { startTestExecutor, TEST_TOKEN, type TestExecutor } from './test-executor.ts';
import type { WireClient } from './wire-client.ts';

const anything = { policy: { shell: 'full' } } as const;
const BYTES = 8_000_000;
const MAX_CREDIT_BYTES = 64 * 1024 * 1024;
const start = { kind: 'command', cwd: '/', argv: printsPattern({ bytes: BYTES }) } as const;

/** A client whose sockets tell of each `job/detached`. */
async function connectTelling(executor: TestExecutor, onDetached: () => void): Promise<ExecutorClient> {
  return connectClient({
    client: { name: 'slow', version: '0.0.0' },
    open: () => {
      const headers = { authorization: `Bearer ${TEST_TOKEN}` };
      const socket = new WebSocket(executor.url, { headers });
      socket.on('message', (data: Buffer) => {
        if (data.includes('"method":"job/detached"')) onDetached();
      });
      return socket;
    },
  });
}

/** What a bare client has received of a job, compared with what was printed. */
function receivedBy(client: WireClient, jobId: string): ReceivedOutput {
  const received = new ReceivedOutput('the bare client');
  const entries = client.entries(jobId).filter(({ method }) => method !== 'job/detached');
  for (const { params } of entries) received.take(params);
  return received;
}

test('[F14] a consumer that takes nothing lags alone, and has it all in the end', async () => {
  await using executor = await startTestExecutor(anything);
  await using slow = await connectTelling(executor, () => undefined);
  await using quick = await connectTelling(executor, () => undefined);
  const lagging = await slow.startJob({ ...start, argv: [...start.argv], attach: { encoding: 'base64' } });
  const entries = lagging.entries();
  const late = new ReceivedOutput('the slow one');
  const first = await entries.next();
  if (first.value !== undefined) late.take(first.value);
  const soon = new ReceivedOutput('the quick one');
  for await (const entry of quick.follow(lagging.jobId, { encoding: 'base64' })) soon.take(entry);
  expect(soon).toMatchObject({ receivedBytes: BYTES, lostBytes: 0, faults: [] });
  for await (const entry of entries) late.take(entry);
  expect(late).toMatchObject({ receivedBytes: BYTES, lostBytes: 0, faults: [] });
});

test('[F11] a follower that grants nothing is detached by name, and goes on where it was', async () => {
  await using executor = await startTestExecutor({ ...anything, stallTimeoutMs: 1_000 });
  await using client = await executor.connect();
  const attach = { encoding: 'base64', creditBytes: 1_000_000 };
  const { jobId } = await client.call('job/start', { ...start, attach });
  const { params } = await client.notification('job/detached', jobId);
  const { afterSeq, afterOffset } = params;
  const before = receivedBy(client, jobId);
  expect(params).toEqual({
    jobId,
    type: 'detached',
    reason: 'stalled',
    afterSeq,
    afterOffset: before.offset,
  });
  expect(client.entries(jobId).at(-2)?.params.seq).toBe(afterSeq);
  expect(await client.errorOf('job/credit', { jobId, bytes: 1 })).toBe('notAttached');
  const again = { jobId, afterSeq, afterOffset, encoding: 'base64', creditBytes: MAX_CREDIT_BYTES };
  await client.call('job/attach', again);
  await client.notification('job/closed', jobId);
  expect(receivedBy(client, jobId)).toMatchObject({ receivedBytes: BYTES, lostBytes: 0, faults: [] });
});

test('[F11] a follower whose socket is not read is detached too', async () => {
  await using executor = await startTestExecutor({ ...anything, stallTimeoutMs: 300 });
  await using stalled = await executor.connect();
  await using client = await executor.connect();
  const attach = { encoding: 'base64', creditBytes: MAX_CREDIT_BYTES };
  const retention = { atQuota: 'tail', maxBytes: 1024 * 1024 };
  const endless = { ...start, argv: printsPattern({}), attach, retention, onDetach: 'keep' };
  const { jobId } = await stalled.call('job/start', endless);
  stalled.socket.pause();
  await expect.poll(async () => (await client.call('job/get', { jobId })).attachments).toBe(0);
  stalled.socket.resume();
  const { params } = await stalled.notification('job/detached', jobId);
  expect(receivedBy(stalled, jobId)).toMatchObject({ offset: params.afterOffset, faults: [] });
  await client.call('job/cancel', { jobId, graceMs: 0 });
});

test('one that has nothing to wait for is not detached, however long the job is silent', async () => {
  await using executor = await startTestExecutor({ ...anything, stallTimeoutMs: 200 });
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '1.5'] });
  await client.notification('job/closed', jobId);
  expect(client.entries(jobId).filter(({ method }) => method === 'job/detached')).toEqual([]);
});

test('a consumer that was away longer than the executor waits goes on from where it was, and its job lives', async () => {
  await using executor = await startTestExecutor({ ...anything, stallTimeoutMs: 300 });
  await using observer = await executor.connect();
  const detached = Promise.withResolvers<void>();
  await using client = await connectTelling(executor, detached.resolve);
  const argv = printsPattern({});
  const attach = { encoding: 'base64', creditBytes: 1_000_000 } as const;
  const job = await client.startJob({ kind: 'command', cwd: '/', argv, attach });
  const received = new ReceivedOutput('the one who was away');
  let isBack = false;
  for await (const entry of job.entries()) {
    received.take(entry);
    if (entry.type !== 'output') continue;
    if (received.receivedBytes >= 3 * BYTES) break;
    if (isBack) continue;
    await detached.promise;
    // Somebody is attached all the same, or the job would be cancelled.
    await expect
      .poll(async () => (await observer.call('job/get', { jobId: job.jobId })).attachments, { interval: 5 })
      .toBe(1);
    isBack = true;
  }
  expect(received).toMatchObject({ lostBytes: 0, faults: [] });
  await observer.call('job/cancel', { jobId: job.jobId, graceMs: 0 });
});

test('[F13] credit that is no sensible number is refused, and so is more than may be held', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  for (const bytes of [-1, 0, 1.5, Number.MAX_SAFE_INTEGER, 1e300, '1', null]) {
    expect(await client.errorOf('job/credit', { jobId, bytes })).toBe('invalidParams');
  }
  await client.call('job/detach', { jobId });
  for (const creditBytes of [-1, MAX_CREDIT_BYTES + 1]) {
    expect(await client.errorOf('job/attach', { jobId, creditBytes })).toBe('invalidParams');
  }
  await client.call('job/attach', { jobId, creditBytes: MAX_CREDIT_BYTES });
  const { error } = await client.request('job/credit', { jobId, bytes: 1 });
  expect(error?.data).toMatchObject({
    code: 'tooMuchCredit',
    jobId,
    creditBytes: MAX_CREDIT_BYTES + 1,
    maxCreditBytes: MAX_CREDIT_BYTES,
  });
  expect(await client.call('job/get', { jobId })).toMatchObject({ attachments: 1 });
});

test('[W5] a place that the log has not reached is refused', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['echo', 'hello'] });
  const { seq: lastSeq } = (await client.notification('job/closed', jobId)).params;
  const beyond = { code: 'beyondEnd', jobId, lastSeq, outputBytes: 6 };
  for (const place of [{ afterSeq: lastSeq + 1 }, { afterSeq: lastSeq, afterOffset: 7 }]) {
    expect((await client.request('job/attach', { jobId, ...place })).error?.data).toMatchObject(beyond);
  }
  for (const place of [{ afterSeq: lastSeq + 1 }, { offset: 7 }]) {
    expect((await client.request('job/read', { jobId, ...place })).error?.data).toMatchObject(beyond);
  }
  await using late = await executor.connect();
  await late.call('job/attach', { jobId, afterSeq: lastSeq - 1 });
  await late.notification('job/closed', jobId);
  expect(late.entries(jobId)).toHaveLength(1);
  for (const afterSeq of [-1, 0.5]) {
    expect(await client.errorOf('job/attach', { jobId, afterSeq })).toBe('invalidParams');
  }
});

test.each(['utf8', 'base64'] as const)(
  'a line of 50 MB that never ends comes whole as %s',
  async (encoding) => {
    await using executor = await startTestExecutor(anything);
    await using client = await executor.connect();
    const argv = ['perl', '-e', 'print "\\xc3\\xa4" x 25_000_000'];
    const attach = { encoding, creditBytes: MAX_CREDIT_BYTES };
    const { jobId } = await client.call('job/start', { ...start, argv, attach });
    await client.notification('job/closed', jobId);
    const output = client.entries(jobId).filter(({ method }) => method === 'job/output');
    const bytes = Buffer.concat(output.map(({ params }) => Buffer.from(params.data, encoding)));
    expect(bytes.equals(Buffer.alloc(50_000_000, 'ä'))).toBe(true);
    expect(output.map(({ params }) => params.bytes).reduce((sum, count) => sum + count, 0)).toBe(50_000_000);
  },
);

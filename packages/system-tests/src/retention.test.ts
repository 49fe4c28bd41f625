import { connectClient, type ExecutorClient } from '@cc-executor/client';
import type { MethodInput } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { printsPattern } from '../soak/output/pattern.ts';
import { ReceivedOutput } from '../soak/output/received-output.ts';
import { startTestExecutor, TEST_TOKEN, type TestExecutor } from './test-executor.ts';
import type { WireClient } from './wire-client.ts';

const anything = { policy: { shell: 'full' } } as const;
const LINE_BYTES = 64;
const BYTES = 125_000 * LINE_BYTES;
const QUOTA_BYTES = 1024 * 1024;
const NO_GAPS = { lostBytes: 0, gaps: 0, faults: [] };

/** A job that prints the pattern and is not followed. */
function prints(
  retention: NonNullable<MethodInput<'job/start'>['retention']>,
  bytes: number | undefined = BYTES,
): Extract<MethodInput<'job/start'>, { kind: 'command' }> {
  const argv = printsPattern({ bytes });
  return { kind: 'command', cwd: '/', argv, retention, attach: false, onDetach: 'keep' };
}

function connect({ url }: TestExecutor): Promise<ExecutorClient> {
  const headers = { authorization: `Bearer ${TEST_TOKEN}` };
  const open = (): WebSocket => new WebSocket(url, { headers });
  return connectClient({ client: { name: 'retention', version: '0.0.0' }, open });
}

/** Follows a job from its first entry to its end; `onOutput` may keep it waiting. */
async function follow(
  client: ExecutorClient,
  jobId: string,
  onOutput: () => Promise<void> = () => Promise.resolve(),
): Promise<ReceivedOutput> {
  const received = new ReceivedOutput(jobId);
  for await (const entry of client.follow(jobId, { encoding: 'base64', creditBytes: 100_000 })) {
    received.take(entry);
    if (entry.type === 'output') await onOutput();
  }
  return received;
}

/** Resolves once a job waits for its followers. */
async function untilBlocked(client: WireClient, jobId: string): Promise<void> {
  await expect.poll(async () => (await client.call('job/get', { jobId })).isBlocked).toBe(true);
}

/** Resolves once an ended job is read from disk alone: before, a little of what was dropped is still in memory. */
async function untilOnDisk(client: WireClient, jobId: string): Promise<void> {
  const excessBytes = async (): Promise<number> => {
    const { entries } = await client.call('job/read', { jobId, maxBytes: 1 });
    const { droppedBytes } = await client.call('job/get', { jobId });
    return droppedBytes - entries[0].lostBytes;
  };
  await expect.poll(excessBytes).toBe(0);
}

/** Resolves when another job has run, which takes a while. */
async function whileAnotherRuns(client: WireClient, seconds: number): Promise<void> {
  const start = { kind: 'command', cwd: '/', argv: ['sleep', String(seconds)] };
  const { jobId } = await client.call('job/start', start);
  await client.notification('job/closed', jobId);
}

test('[J16][J18] a job that blocks waits for its slowest follower, and all of it comes', async () => {
  await using executor = await startTestExecutor(anything);
  await using observer = await executor.connect();
  await using client = await connect(executor);
  await using other = await connect(executor);
  const attach = { encoding: 'base64', creditBytes: 100_000 } as const;
  const job = await client.startJob({ ...prints({ atQuota: 'block', maxBytes: QUOTA_BYTES }), attach });
  const { jobId } = job;
  const quick = follow(other, jobId);
  const slow = new ReceivedOutput('the slow one');
  for await (const entry of job.entries()) {
    slow.take(entry);
    if (entry.type !== 'output' || entry.offset > 0) continue;
    await untilBlocked(observer, jobId);
    const { outputBytes } = await observer.call('job/get', { jobId });
    expect(outputBytes).toBeLessThan(BYTES);
    const { logs } = await observer.call('executor/status');
    expect(logs).toMatchObject({ blockedJobs: 1, droppedBytes: 0 });
    expect(logs.diskBytes).toBeLessThanOrEqual(QUOTA_BYTES);
    await whileAnotherRuns(observer, 0.5);
    expect(await observer.call('job/get', { jobId })).toMatchObject({ isBlocked: true, outputBytes });
  }
  expect(slow).toMatchObject({ ...NO_GAPS, receivedBytes: BYTES });
  expect(await quick).toMatchObject({ ...NO_GAPS, receivedBytes: BYTES });
  const { droppedBytes, droppedLines, ...view } = await observer.call('job/get', { jobId });
  expect(view).toMatchObject({ isBlocked: false, outputBytes: BYTES });
  expect(droppedBytes).toBeGreaterThanOrEqual(BYTES - QUOTA_BYTES);
  expect(droppedLines).toBe(Math.floor(droppedBytes / LINE_BYTES));
  expect((await observer.call('executor/status')).logs).toMatchObject({
    blockedJobs: 0,
    droppedBytes,
    droppedLines,
  });
});

test('[J17] a job that waits has all its time left', async () => {
  await using executor = await startTestExecutor(anything);
  await using observer = await executor.connect();
  await using client = await connect(executor);
  const job = await client.startJob({
    ...prints({ atQuota: 'block', maxBytes: QUOTA_BYTES }),
    attach: { encoding: 'base64', creditBytes: 100_000 },
    timeoutMs: 3_000,
    idleTimeoutMs: 1_500,
  });
  const received = new ReceivedOutput('the one who stops');
  for await (const entry of job.entries()) {
    received.take(entry);
    if (entry.type !== 'output' || entry.offset > 0) continue;
    await untilBlocked(observer, job.jobId);
    await whileAnotherRuns(observer, 4);
    const view = await observer.call('job/get', { jobId: job.jobId });
    expect(view).toMatchObject({ isBlocked: true, state: { status: 'running', paused: false } });
  }
  expect(received).toMatchObject({ ...NO_GAPS, receivedBytes: BYTES });
  expect(received.closed?.outcome).toEqual({ status: 'succeeded' });
});

test('a job that waits goes on once the follower it waits for has left', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', {
    ...prints({ atQuota: 'block', maxBytes: QUOTA_BYTES }),
    attach: { creditBytes: 1 },
  });
  await untilBlocked(client, jobId);
  await client.call('job/detach', { jobId });
  await client.call('job/wait', { jobIds: [jobId], waitMs: 30_000 });
  expect(await client.call('job/get', { jobId })).toMatchObject({
    state: { status: 'ended', outcome: { status: 'succeeded' } },
    outputBytes: BYTES,
    isBlocked: false,
  });
});

test('[J17] a job that waits can be cancelled', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', {
    ...prints({ atQuota: 'block', maxBytes: QUOTA_BYTES }, undefined),
    attach: { creditBytes: 1 },
  });
  await untilBlocked(client, jobId);
  await client.call('job/cancel', { jobId });
  await client.call('job/wait', { jobIds: [jobId], waitMs: 30_000 });
  const outcome = { status: 'cancelled', by: 'client' };
  expect((await client.call('job/get', { jobId })).state).toEqual({ status: 'ended', outcome });
});

test('[F10] of a tail the rest is told as a gap, before all else and to the byte', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', prints({ atQuota: 'tail', maxBytes: QUOTA_BYTES }));
  await client.call('job/wait', { jobIds: [jobId], waitMs: 30_000 });
  await untilOnDisk(client, jobId);
  await client.call('job/attach', { jobId, encoding: 'base64', creditBytes: 64 * 1024 * 1024 });
  await client.notification('job/closed', jobId);
  const [gap, ...rest] = client.entries(jobId);
  const { droppedBytes, droppedLines, outputBytes } = await client.call('job/get', { jobId });
  expect(outputBytes).toBe(BYTES);
  expect(droppedBytes).toBeGreaterThanOrEqual(BYTES - QUOTA_BYTES);
  expect(droppedLines).toBe(Math.floor(droppedBytes / LINE_BYTES));
  const { firstSeq } = gap?.params ?? {};
  expect(gap?.method).toBe('job/gap');
  expect(gap?.params).toEqual({ jobId, type: 'gap', fromSeq: 1, firstSeq, lostBytes: droppedBytes });
  expect(rest[0]?.params).toMatchObject({ seq: firstSeq });
  const received = new ReceivedOutput('the late one');
  for (const { params } of client.entries(jobId)) received.take(params);
  expect(received).toMatchObject({ offset: BYTES, lostBytes: droppedBytes, gaps: 1, faults: [] });
  expect(received.closed?.outcome).toEqual({ status: 'succeeded' });
  expect((await client.call('executor/status')).logs).toMatchObject({ droppedBytes, droppedLines });
});

test('[F10] a follower of a tail that was away is told exactly what it has missed', async () => {
  await using executor = await startTestExecutor(anything);
  await using observer = await executor.connect();
  await using client = await connect(executor);
  const job = await client.startJob({
    ...prints({ atQuota: 'tail', maxBytes: QUOTA_BYTES }),
    attach: { encoding: 'base64', creditBytes: 100_000 },
  });
  const received = new ReceivedOutput('the one who was away');
  for await (const entry of job.entries()) {
    received.take(entry);
    if (entry.type !== 'output' || entry.offset > 0) continue;
    await observer.call('job/wait', { jobIds: [job.jobId], waitMs: 30_000 });
  }
  expect(received).toMatchObject({ offset: BYTES, faults: [] });
  expect(received.gaps).toBe(1);
  const { droppedBytes } = await observer.call('job/get', { jobId: job.jobId });
  // It had something in hand before it went away.
  expect(received.lostBytes).toBeLessThan(droppedBytes);
});

test('[J16] a job that may not print more than is kept fails, and what was kept can be read', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await connect(executor);
  const { jobId } = await client.startJob(prints({ atQuota: 'fail', maxBytes: QUOTA_BYTES }, undefined));
  await client.wait([jobId]);
  const { state, outputBytes, droppedBytes } = await client.call('job/get', { jobId });
  expect(state).toMatchObject({ outcome: { status: 'failed', reason: 'outputQuota' } });
  expect(droppedBytes).toBe(0);
  expect(outputBytes).toBeLessThanOrEqual(QUOTA_BYTES);
  expect(await follow(client, jobId)).toMatchObject({ ...NO_GAPS, receivedBytes: outputBytes });
});

test('one that prints no more than may be kept does not fail', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await connect(executor);
  const few = prints({ atQuota: 'fail', maxBytes: QUOTA_BYTES, maxLines: 8_000 }, 8_000 * LINE_BYTES);
  const { jobId } = await client.startJob(few);
  expect(await follow(client, jobId)).toMatchObject({ ...NO_GAPS, receivedBytes: 8_000 * LINE_BYTES });
  expect((await client.call('job/get', { jobId })).state).toMatchObject({ outcome: { status: 'succeeded' } });
});

test('lines can be what is kept', async () => {
  await using executor = await startTestExecutor(anything);
  await using observer = await executor.connect();
  await using client = await connect(executor);
  const { jobId } = await client.startJob(prints({ atQuota: 'tail', maxLines: 10_000 }));
  await client.wait([jobId]);
  await untilOnDisk(observer, jobId);
  const received = await follow(client, jobId);
  expect(received).toMatchObject({ offset: BYTES, gaps: 1, faults: [] });
  expect(received.receivedBytes).toBeLessThanOrEqual(10_000 * LINE_BYTES);
  expect(received.receivedBytes).toBeGreaterThan(0);
});

test('what is old can be dropped while the job lives', async () => {
  await using executor = await startTestExecutor(anything);
  await using observer = await executor.connect();
  await using client = await connect(executor);
  // It rests for longer than the executor keeps what it has printed.
  const argv = printsPattern({ bytes: 20_000, writeBytes: 10_000, restMs: 3_600_000 });
  const { jobId } = await client.startJob({ ...prints({ atQuota: 'tail', maxAgeMs: 1_000 }), argv });
  await expect.poll(async () => (await observer.call('job/get', { jobId })).droppedBytes).toBe(10_000);
  await client.control(jobId, 'cancel', { graceMs: 0 });
  await client.wait([jobId]);
  await untilOnDisk(observer, jobId);
  const received = await follow(client, jobId);
  expect(received).toMatchObject({ offset: 10_000, lostBytes: 10_000, gaps: 1, faults: [] });
});

test('retentions that cannot be are refused', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['true'] };
  const bad = [
    { maxBytes: 64 * 1024 - 1 },
    { maxBytes: -1 },
    { maxLines: 0 },
    { maxAgeMs: 999 },
    { atQuota: 'drop' },
    { maxbytes: QUOTA_BYTES },
  ];
  for (const retention of bad) {
    expect(await client.errorOf('job/start', { ...start, retention })).toBe('invalidParams');
  }
  const claude = { kind: 'claude', cwd: '/', prompt: 'Say something.', retention: { atQuota: 'block' } };
  expect(await client.errorOf('job/start', claude)).toBe('invalidParams');
});

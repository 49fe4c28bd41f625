import { connectClient } from '@cc-executor/client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestExecutor, TEST_TOKEN } from './test-executor.ts';

const BYTES = 8_000_000;
const command = { kind: 'command', cwd: '/', argv: ['head', '-c', String(BYTES), '/dev/zero'] } as const;

test('[F12] a job that blocks waits for a follower whose connection is lost, and nothing is missing', async () => {
  await using executor = await startTestExecutor({ policy: { shell: 'full' } });
  await using observer = await executor.connect();
  const retention = { atQuota: 'block', maxBytes: 1024 * 1024 } as const;
  let jobId: string;
  let afterSeq: number;
  let receivedBytes: number;
  {
    await using first = await executor.connect();
    const attach = { creditBytes: 200_000, encoding: 'base64' };
    ({ jobId } = await first.call('job/start', { ...command, retention, onDetach: 'keep', attach }));
    await expect.poll(async () => (await observer.call('job/get', { jobId })).isBlocked).toBe(true);
    const last = first.messages.findLast(({ method }) => method === 'job/output')?.params;
    afterSeq = last.seq;
    receivedBytes = last.offset + last.bytes;
    first.socket.terminate();
  }
  await expect.poll(async () => (await observer.call('job/get', { jobId })).attachments).toBe(0);
  const wait = { kind: 'command', cwd: '/', argv: ['sleep', '1'] };
  await observer.notification('job/closed', (await observer.call('job/start', wait)).jobId);
  expect(await observer.call('job/get', { jobId })).toMatchObject({ isBlocked: true });

  await using client = await connectClient({
    open: () => new WebSocket(executor.url, { headers: { authorization: `Bearer ${TEST_TOKEN}` } }),
    client: { name: 'returning', version: '0.0.0' },
  });
  const gaps: unknown[] = [];
  for await (const entry of client.follow(jobId, { afterSeq, encoding: 'base64' })) {
    if (entry.type === 'output') receivedBytes += entry.bytes;
    if (entry.type === 'gap') gaps.push(entry);
  }
  expect([receivedBytes, gaps]).toEqual([BYTES, []]);
});

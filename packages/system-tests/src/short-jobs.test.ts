import { connectClient } from '@cc-executor/client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestExecutor } from './test-executor.ts';
import { findTiers } from './tiers.ts';

// A command that prints nothing may have ended, and its streams with it, before anybody has begun to read them.
test.each(await findTiers())('jobs that end at once are closed, each of them (%s)', async (tier) => {
  await using executor = await startTestExecutor({
    containment: tier === 'pidns' ? 'require' : 'portable',
  });
  const { url, token } = executor;
  await using client = await connectClient({
    open: () => new WebSocket(url, { headers: { authorization: `Bearer ${token}` } }),
    client: { name: 'short-jobs', version: '0.0.0' },
  });
  const ends: unknown[] = [];
  for (let count = 0; count < 60; count += 1) {
    const { jobId } = await client.startJob({ kind: 'command', cwd: '/', argv: ['true'], attach: false });
    await client.wait([jobId]);
    const { state } = await client.call('job/get', { jobId });
    ends.push(state);
  }
  expect(ends).toEqual(ends.map(() => ({ status: 'ended', outcome: { status: 'succeeded' } })));
});

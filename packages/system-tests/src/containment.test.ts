import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UnfitMachineError } from '@cc-executor/executor';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

test('[C7] initialize and status tell how jobs are contained, and why not better', async () => {
  await using executor = await startTestExecutor({ containment: 'portable' });
  await using client = await executor.connect();
  const status = await client.call('executor/status');
  expect(status).toMatchObject({ containment: 'portable', containmentReason: expect.any(String) });
  expect(status.guardian).toEqual({ pid: expect.any(Number), restarts: 0 });
  const { containment, containmentReason } = status;
  expect(executor.executor.containment).toEqual({ containment, containmentReason });
});

test('an executor that must contain its jobs in namespaces does not start without them', async () => {
  await using first = await startTestExecutor();
  const bin = join(first.workDir, 'bin');
  await mkdir(bin);
  // All but bwrap.
  for (const name of ['sh', 'perl', 'prlimit']) await symlink(`/usr/bin/${name}`, join(bin, name));
  const starting = startTestExecutor({ containment: 'require', environment: { PATH: bin } });
  await expect(starting).rejects.toThrow(UnfitMachineError);
  await expect(starting).rejects.toMatchObject({ code: 'containmentUnavailable' });
});

test('[J15] a job tells how it is contained, and a rule may keep it out of a namespace', async () => {
  await using executor = await startTestExecutor({
    policy: { allow: [{ program: 'sleep', args: ['0'], containment: 'portable' }] },
  });
  await using client = await executor.connect();
  const { containment } = await client.call('executor/status');
  const containmentOf = async (...argv: string[]): Promise<string> => {
    const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
    const live = await client.call('job/get', { jobId });
    await client.notification('job/closed', jobId);
    const ended = await client.call('job/get', { jobId });
    expect([live.containment, ended.state.outcome]).toEqual([ended.containment, { status: 'succeeded' }]);
    return ended.containment;
  };
  expect(await containmentOf('sleep', '0')).toBe('portable');
  expect(await containmentOf('sleep', '0.01')).toBe(containment);
});

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isAlive } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor, type TestExecutor, type TestExecutorOptions } from './test-executor.ts';

/** An executor whose database refuses one kind of write, as a full or failing disk does. */
async function startBroken(trigger: string, options: TestExecutorOptions = {}): Promise<TestExecutor> {
  const first = await startTestExecutor();
  const { stateDir } = first;
  await using stack = new AsyncDisposableStack();
  stack.use(first);
  await first.executor[Symbol.asyncDispose]();
  const database = new DatabaseSync(join(stateDir, 'executor.db'));
  database.exec(
    `CREATE TRIGGER refuse BEFORE ${trigger} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;`,
  );
  database.close();
  const second = await startTestExecutor({ ...options, stateDir });
  const parts = stack.move();
  return {
    ...second,
    [Symbol.asyncDispose]: async () => {
      await second[Symbol.asyncDispose]();
      await parts.disposeAsync();
    },
  };
}

test('a job whose end cannot be stored ends all the same, and so does the executor', async () => {
  await using executor = await startBroken('UPDATE OF is_ended ON jobs');
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['echo', 'hello'] });
  const { params } = await client.notification('job/closed', jobId);
  expect(params.outcome).toEqual({ status: 'succeeded' });
  const later = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  await client.notification('job/started', later.jobId);
  await executor.executor[Symbol.asyncDispose]();
  const closed = await client.notification('job/closed', later.jobId);
  expect(closed.params.outcome).toEqual({ status: 'cancelled', by: 'shutdown' });
});

test('a job whose pid cannot be stored runs and can be cancelled', async () => {
  await using executor = await startBroken('UPDATE OF pid ON attempts');
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  const { pid } = (await client.notification('job/started', jobId)).params;
  expect(await client.call('job/cancel', { jobId })).toMatchObject({ after: { status: 'stopping' } });
  const { params } = await client.notification('job/closed', jobId);
  expect(params.outcome).toEqual({ status: 'cancelled', by: 'client' });
  expect(isAlive(pid)).toBe(false);
});

test('a job whose attempt cannot be stored starts no process', async () => {
  await using executor = await startBroken('INSERT ON attempts');
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  const { params } = await client.notification('job/closed', jobId);
  expect(params.outcome).toMatchObject({ status: 'failed', reason: 'internal' });
  expect(client.entries(jobId).map(({ method }) => method)).not.toContain('job/started');
});

test('records that cannot be deleted stop nothing', async () => {
  await using executor = await startBroken('DELETE ON jobs', { maxEndedJobs: 1 });
  await using client = await executor.connect();
  for (const name of ['one', 'two', 'three']) {
    await client.call('job/start', { kind: 'command', cwd: '/', argv: ['echo'], jobId: name });
    await client.notification('job/closed', name);
  }
  await expect
    .poll(() => executor.logLines.filter((line) => line.includes('could not be put away')).length)
    .toBe(2);
  expect(await client.call('executor/status', {})).toMatchObject({ jobs: { live: 0 } });
});

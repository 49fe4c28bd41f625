import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UnfitMachineError } from '@cc-executor/executor';
import { expect, test } from 'vitest';
import { startTestExecutor, type TestExecutor, type TestExecutorOptions } from './test-executor.ts';

const shell = { policy: { shell: 'full' } } as const;

/** Why jobs cannot have limits on this machine. */
async function limitsReason(): Promise<string | undefined> {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  return (await client.call('executor/status')).limitsReason;
}
const unlimitable = await limitsReason();

/** An executor that finds no prlimit. */
async function startWithoutPrlimit(options: TestExecutorOptions = {}): Promise<TestExecutor> {
  const first = await startTestExecutor();
  const bin = join(first.workDir, 'bin');
  await mkdir(bin);
  for (const name of ['sh', 'perl', 'true']) await symlink(`/usr/bin/${name}`, join(bin, name));
  await first.executor[Symbol.asyncDispose]();
  try {
    const second = await startTestExecutor({ ...options, environment: { PATH: bin, HOME: first.workDir } });
    const dispose = async () => {
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    };
    return { ...second, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a job that prints its limits has printed: one number a line. */
async function printedLimits(executor: TestExecutor, limits: object | undefined): Promise<string> {
  await using client = await executor.connect();
  // Of a grandchild: the limits are those of every process.
  const argv = ['sh', '-c', "sh -c 'ulimit -n; ulimit -c; ulimit -f; ulimit -t; ulimit -d'"];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv, limits });
  await client.notification('job/closed', jobId);
  return client.output(jobId);
}

test.skipIf(unlimitable !== undefined)('[J12] every process of a job has its limits', async () => {
  await using executor = await startTestExecutor(shell);
  const limits = { openFiles: 64, coreBytes: 0, fileBytes: 5_120, cpuSeconds: 7, dataBytes: 64 * 1024 ** 2 };
  expect(await printedLimits(executor, limits)).toBe('64\n0\n10\n7\n65536\n');
});

test.skipIf(unlimitable !== undefined)('[J12] of two limits the smaller one holds', async () => {
  const configured = { openFiles: 100, cpuSeconds: 50, coreBytes: 0 };
  await using executor = await startTestExecutor({ ...shell, limits: configured });
  const asked = { openFiles: 200, cpuSeconds: 5, fileBytes: 512 };
  expect(await printedLimits(executor, asked)).toMatch(/^100\n0\n1\n5\n/);
  expect(await printedLimits(executor, undefined)).toMatch(/^100\n0\n\w+\n50\n/);
});

test.skipIf(unlimitable !== undefined)(
  '[J12] a job that uses more than it may is told so by a signal',
  async () => {
    await using executor = await startTestExecutor(shell);
    await using client = await executor.connect();
    const argv = ['sh', '-c', 'while :; do :; done'];
    const limits = { cpuSeconds: 1 };
    const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv, limits });
    const { outcome } = (await client.notification('job/closed', jobId)).params;
    expect(outcome).toMatchObject({ status: 'failed', reason: 'signal', signal: 'SIGXCPU' });
  },
);

test('[J13] where limits cannot be set, a job that asks for some is refused and others run', async () => {
  await using executor = await startWithoutPrlimit();
  await using client = await executor.connect();
  const { limitsReason } = await client.call('executor/status');
  expect(limitsReason).not.toBe('');
  const start = { kind: 'command', cwd: '/', argv: ['true'] };
  const { error } = await client.request('job/start', { ...start, limits: { coreBytes: 0 } });
  expect(error?.data).toEqual({
    code: 'limitsUnavailable',
    retry: 'afterMending',
    mendedBy: 'operator',
    reason: limitsReason,
  });
  expect(error?.message).toContain(limitsReason);
  expect(await client.errorOf('job/start', { ...start, limits: {} })).toBeUndefined();
});

test('where limits cannot be set, an executor that was told to set some does not start', async () => {
  const starting = startWithoutPrlimit({ limits: { coreBytes: 0 } });
  await expect(starting).rejects.toThrow(UnfitMachineError);
  await expect(starting).rejects.toMatchObject({ code: 'limitsUnavailable' });
});

test('an executor with no limits in its settings starts anywhere', async () => {
  await using executor = await startWithoutPrlimit({ limits: {} });
  expect(executor.url).not.toBe('');
});

test('[J14] more starts than the rate are refused for as long as told, and repeats cost nothing', async () => {
  await using executor = await startTestExecutor({ maxStartsPerSecond: 1 });
  await using client = await executor.connect();
  await using other = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['true'] };
  const first = { ...start, jobId: 'first' };
  await client.call('job/start', first);
  for (let times = 0; times < 5; times += 1) await client.call('job/start', { ...first, attach: false });
  // Whoever asks, it is one rate for all: of so many at once some come within a second.
  const replies = await Promise.all(Array.from({ length: 20 }, () => other.request('job/start', start)));
  const data = replies.flatMap(({ error }) => error?.data ?? []);
  expect(data.length).toBeGreaterThan(0);
  for (const refusal of data) {
    expect(refusal).toEqual({
      code: 'overloaded',
      retry: 'later',
      mendedBy: 'caller',
      what: 'starts per second',
      limit: 1,
      retryAfterMs: expect.any(Number),
    });
    expect(refusal['retryAfterMs']).toBeGreaterThan(0);
    expect(refusal['retryAfterMs']).toBeLessThanOrEqual(1_000);
  }
  // A timer may fire a moment early.
  await expect.poll(() => other.errorOf('job/start', start), { interval: 1_001 }).toBeUndefined();
});

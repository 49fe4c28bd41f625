import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

const anything = { policy: { shell: 'full' } } as const;

test('with no config at all a script in the folder runs, and its output and end are told', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  await writeFile(join(executor.workDir, 'hello.py'), 'print("hello from python")\n');
  const { jobId } = await client.call('job/start', {
    kind: 'command',
    cwd: executor.workDir,
    command: 'python3 hello.py',
  });
  expect((await client.notification('job/closed', jobId)).params).toMatchObject({
    outcome: { status: 'succeeded' },
    drained: true,
    result: { kind: 'command', exitCode: 0, signal: null },
  });
  expect(client.output(jobId)).toBe('hello from python\n');
});

test('[J1] a refused command says who can mend it and how, and leaves no job', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['bash', '-c', 'true'] };
  expect((await client.request('job/start', start)).error?.data).toEqual({
    code: 'policyRefused',
    retry: 'afterMending',
    mendedBy: 'operator',
    rule: 'default deny',
    file: '/etc/cc-executor.json',
    mend: 'add "bash" to policy.allow',
  });
  expect(await client.call('job/list')).toEqual({ jobs: [] });
});

test('a program given by its path is judged like the name that PATH knows it by', async () => {
  await using executor = await startTestExecutor({ policy: { deny: ['cat'] } });
  await using client = await executor.connect();
  const errorOf = (...argv: string[]) => client.errorOf('job/start', { kind: 'command', cwd: '/', argv });
  expect(await errorOf('/bin/echo', 'hello')).toBeUndefined();
  expect(await errorOf('/bin/cat', '/etc/passwd')).toBe('policyRefused');
  await copyFile('/bin/true', join(executor.workDir, 'echo'));
  expect(await errorOf(join(executor.workDir, 'echo'))).toBe('policyRefused');
});

test('[J2] the reply precedes every notification of the job', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const jobIds = await Promise.all(
    Array.from(
      { length: 10 },
      async () => (await client.call('job/start', { kind: 'command', cwd: '/', argv: ['true'] })).jobId,
    ),
  );
  for (const jobId of jobIds) {
    await client.notification('job/closed', jobId);
    const reply = client.messages.findIndex(({ result }) => result?.jobId === jobId);
    const first = client.messages.findIndex(({ params }) => params?.jobId === jobId);
    expect(reply).toBeLessThan(first);
  }
});

test('[J3] a chosen id makes starting safe to repeat, at once and after the end', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['echo', 'once'], jobId: 'mine', attach: false };
  const replies = await Promise.all([1, 2, 3].map(() => client.call('job/start', start)));
  expect(replies.map(({ jobId }) => jobId)).toEqual(['mine', 'mine', 'mine']);
  await client.call('job/wait', { jobIds: ['mine'] });
  expect(await client.call('job/start', start)).toMatchObject({ state: { status: 'ended' } });
  expect((await client.call('job/list')).jobs).toHaveLength(1);
  expect(await client.errorOf('job/start', { ...start, argv: ['echo', 'twice'] })).toBe('jobIdReused');
});

test('[J4] plain words need no shell, anything more needs the capability', async () => {
  await using strict = await startTestExecutor();
  await using client = await strict.connect();
  const run = async (command: string) => client.request('job/start', { kind: 'command', cwd: '/', command });
  const { result } = await run(`printf '%s|' "two words" 'and $more'`);
  await client.notification('job/closed', result.jobId);
  expect(client.output(result.jobId)).toBe('two words|and $more|');
  for (const line of ['ls | wc', 'ls; id', 'echo $HOME', 'ls *', 'echo `id`', 'X=1 ls', 'ls > f']) {
    expect((await run(line)).error?.data).toMatchObject({ code: 'policyRefused', rule: 'shell: off' });
  }
});

test('[J4] with the shell capability any line runs', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const command = 'for i in {1..3}; do echo "Step $i"; done | tr S s; exit 3';
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', command });
  expect((await client.notification('job/closed', jobId)).params.outcome).toMatchObject({
    reason: 'exit',
    exitCode: 3,
  });
  expect(client.output(jobId)).toBe('step 1\nstep 2\nstep 3\n');
});

test('[J5] [J6] what cannot be started is refused with its reason', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const errorOf = (params: object) => client.errorOf('job/start', { kind: 'command', cwd: '/', ...params });
  expect(await errorOf({ argv: ['no-such-program'] })).toBe('programNotFound');
  expect(await errorOf({ argv: ['/etc/passwd'] })).toBe('programNotFound');
  expect(await errorOf({ argv: ['./here'] })).toBe('programNotFound');
  expect(await errorOf({ argv: ['ls'], cwd: '/no/such/folder' })).toBe('cwdNotFound');
  expect(await errorOf({ argv: ['ls'], cwd: '/etc/passwd' })).toBe('cwdNotFound');
  expect(await errorOf({ argv: ['ls'], cwd: 'relative' })).toBe('cwdNotFound');
  expect(await errorOf({ argv: ['ls', 'a\0b'] })).toBe('invalidParams');
  expect(await errorOf({ argv: ['ls'], env: { PATH: 'a\0b' } })).toBe('invalidParams');
  expect(await errorOf({ command: 'ls a\0b' })).toBe('invalidParams');
});

test('an argument longer than the kernel takes ends the job with its reason', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const argv = ['echo', 'x'.repeat(200_000)];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
  expect((await client.notification('job/closed', jobId)).params.outcome).toMatchObject({
    status: 'failed',
    reason: 'spawn',
  });
});

test('a job gets the listed environment and nothing else', async () => {
  await using executor = await startTestExecutor({
    environment: {
      PATH: process.env['PATH'],
      HOME: '/home/ada',
      SECRET: 'x',
      CC_EXECUTOR_TOKEN: 'y',
      LISTED: 'z',
    },
    policy: { allow: ['env'], environment: { env: ['LISTED', 'SET', 'CC_*'] } },
  });
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['env'] };
  const { jobId } = await client.call('job/start', { ...start, env: { SET: '1' } });
  await client.notification('job/closed', jobId);
  const names = client
    .output(jobId)
    .trim()
    .split('\n')
    .map((line) => line.slice(0, line.indexOf('=')))
    .toSorted((a, b) => a.localeCompare(b));
  expect(names).toEqual(['CC_EXECUTOR_INSTANCE_ID', 'CC_EXECUTOR_TREE_ID', 'HOME', 'LISTED', 'PATH', 'SET']);
  expect(await client.errorOf('job/start', { ...start, env: { LD_PRELOAD: '/tmp/x.so' } })).toBe(
    'policyRefused',
  );
});

test(
  '[J7] a job that is left alone is cancelled, one that is kept goes on',
  { timeout: 40_000 },
  async () => {
    await using executor = await startTestExecutor();
    await using watcher = await executor.connect();
    const client = await executor.connect();
    const start = { kind: 'command', cwd: '/', argv: ['sleep', '300'] };
    const left = await client.call('job/start', start);
    const unfollowed = await client.call('job/start', { ...start, attach: false });
    const kept = await client.call('job/start', { ...start, onDetach: 'keep' });
    const { pid } = (await client.notification('job/started', left.jobId)).params;
    await client[Symbol.asyncDispose]();
    const { jobs } = await watcher.call('job/wait', { jobIds: [left.jobId, unfollowed.jobId] });
    for (const job of jobs)
      expect(job.state).toEqual({ status: 'ended', outcome: { status: 'cancelled', by: 'detach' } });
    await untilDead(pid);
    expect(await watcher.call('job/get', { jobId: kept.jobId })).toMatchObject({
      state: { status: 'running' },
    });
  },
);

test('[J8] the first cause of an end stands', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('ignores-sigterm.sh')];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv, timeoutMs: 300 });
  await client.until(({ method, params }) => method === 'job/state' && params.state.status === 'stopping');
  await client.call('job/cancel', { jobId, graceMs: 0 });
  expect((await client.notification('job/closed', jobId)).params.outcome).toEqual({
    status: 'timed_out',
    which: 'total',
  });
});

test('a job that prints nothing for too long is timed out as idle, one that prints is not', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', idleTimeoutMs: 2_000 };
  const silent = await client.call('job/start', { ...start, argv: [fixture('prints-nothing.sh')] });
  const loop = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done';
  const steady = await client.call('job/start', { ...start, argv: ['sh', '-c', loop] });
  expect((await client.notification('job/closed', silent.jobId)).params.outcome).toEqual({
    status: 'timed_out',
    which: 'idle',
  });
  expect((await client.notification('job/closed', steady.jobId)).params.outcome).toEqual({
    status: 'succeeded',
  });
});

test('jobs beyond the lane wait, higher priority first, and a cancelled one leaves the queue', async () => {
  await using executor = await startTestExecutor({ lanes: { command: { concurrency: 1 } } });
  await using client = await executor.connect();
  const start = (argv: string[], priority = 0) =>
    client.call('job/start', { kind: 'command', cwd: '/', argv, priority });
  const first = await start(['sleep', '300']);
  const low = await start(['echo', 'low']);
  const high = await start(['echo', 'high'], 10);
  const never = await start(['echo', 'never']);
  expect(low).toMatchObject({ state: { status: 'queued', reason: 'capacity' }, position: 0 });
  expect(never).toMatchObject({ position: 2 });
  await client.call('job/cancel', { jobId: never.jobId });
  await client.notification('job/closed', never.jobId);
  await client.call('job/cancel', { jobId: first.jobId });
  await client.call('job/wait', { jobIds: [low.jobId, high.jobId] });
  const starts = client.messages
    .filter(({ method }) => method === 'job/started')
    .map(({ params }) => params.jobId);
  expect(starts).toEqual([first.jobId, high.jobId, low.jobId]);
  expect(client.output(never.jobId)).toBe('');
});

test('more live jobs than the maximum are refused for now', async () => {
  await using executor = await startTestExecutor({ maxLiveJobs: 2 });
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['sleep', '300'] };
  await client.call('job/start', start);
  await client.call('job/start', start);
  expect((await client.request('job/start', start)).error?.data).toMatchObject({
    code: 'overloaded',
    retry: 'later',
  });
});

test('a job whose last output was refused has not succeeded, though its leader has', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const command = "(sleep 0.3; printf '%02000000d' 1) & exit 0";
  const retention = { atQuota: 'fail', maxBytes: 1024 * 1024 } as const;
  const attach = { creditBytes: 4 * 1024 * 1024 };
  const params = { kind: 'command', cwd: '/', command, retention, attach } as const;
  const { jobId } = await client.call('job/start', params);
  const { outcome, result } = (await client.notification('job/closed', jobId)).params;
  expect(outcome).toMatchObject({ status: 'failed', reason: 'outputQuota' });
  expect(result).toEqual({ kind: 'command', exitCode: 0, signal: null });
});

test('old ended jobs are forgotten, newest are kept', async () => {
  await using executor = await startTestExecutor({ maxEndedJobs: 3 });
  await using client = await executor.connect();
  const jobIds: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['true'] });
    await client.notification('job/closed', jobId);
    jobIds.push(jobId);
  }
  await expect.poll(async () => (await client.call('executor/status')).jobs).toEqual({ live: 0, ended: 3 });
  expect((await client.call('job/list')).jobs.map((job: { jobId: string }) => job.jobId)).toEqual(
    jobIds.slice(3).toReversed(),
  );
});

test('a Claude that waits for its turn to start up can be cancelled', async () => {
  // It never says that it is up, so its turn lasts as long as it lives.
  await using executor = await startTestExecutor({
    claudePath: fixture('ignores-sigterm.sh'),
    claudeStarts: 1,
  });
  await using client = await executor.connect();
  const start = { kind: 'claude', cwd: '/', prompt: 'Say something.' };
  const first = await client.call('job/start', start);
  await client.notification('job/started', first.jobId);
  const second = await client.call('job/start', start);
  await client.call('job/cancel', { jobId: second.jobId });
  const { params } = await client.notification('job/closed', second.jobId);
  expect(params.outcome).toEqual({ status: 'cancelled', by: 'client' });
  await client.call('job/cancel', { jobId: first.jobId, graceMs: 0 });
  await client.notification('job/closed', first.jobId);
});

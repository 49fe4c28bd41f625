import { setTimeout as sleep } from 'node:timers/promises';
import { fixture, isAlive, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor } from './test-executor.ts';

const anything = { policy: { shell: 'full' } } as const;
/** A namespace has pids of its own: what a program says of itself would name nobody here. */
const sharedPids = { ...anything, containment: 'portable' } as const;
const running = { status: 'running', paused: false };
const paused = { status: 'running', paused: true };

test('[K1] [K4] a paused job falls silent, its clocks stand still, and resumed it goes on', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  // A shell is up at once: the idle clock runs from the start.
  const argv = ['sh', '-c', 'while :; do echo tick; sleep 0.02; done'];
  const start = { kind: 'command', cwd: '/', argv, timeoutMs: 60_000, idleTimeoutMs: 1_500 };
  const { jobId } = await client.call('job/start', start);
  await client.notification('job/output', jobId);
  expect(await client.call('job/pause', { jobId })).toEqual({ jobId, before: running, after: paused });
  expect(await client.call('job/pause', { jobId })).toEqual({ jobId, before: paused, after: paused });
  // What was printed before the pause may still be on its way.
  await sleep(100);
  const printed = client.output(jobId);
  await sleep(2_000);
  expect(client.output(jobId)).toBe(printed);
  expect(await client.call('job/resume', { jobId })).toEqual({ jobId, before: paused, after: running });
  await expect.poll(() => client.output(jobId).length).toBeGreaterThan(printed.length);
  expect(await client.call('job/get', { jobId })).toMatchObject({ state: running });
});

test('[K1] a resume sent right behind a pause is not lost', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  await client.notification('job/started', jobId);
  const replies = await Promise.all([
    client.call('job/pause', { jobId }),
    client.call('job/resume', { jobId }),
    client.call('job/pause', { jobId }),
  ]);
  expect(replies).toEqual([
    { jobId, before: running, after: paused },
    { jobId, before: paused, after: running },
    { jobId, before: running, after: paused },
  ]);
});

test('[K2] interrupt is SIGINT, which a program may take and go on', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const counts = await client.call('job/start', {
    kind: 'command',
    cwd: '/',
    argv: [fixture('counts-interrupts.mjs')],
  });
  await client.notification('job/output', counts.jobId);
  await client.call('job/interrupt', { jobId: counts.jobId });
  await expect.poll(() => client.output(counts.jobId)).toContain('1');
  expect(await client.call('job/get', { jobId: counts.jobId })).toMatchObject({ state: running });
  const sleeps = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  await client.notification('job/started', sleeps.jobId);
  await client.call('job/interrupt', { jobId: sleeps.jobId });
  expect((await client.notification('job/closed', sleeps.jobId)).params.outcome).toEqual({
    status: 'cancelled',
    by: 'interrupt',
  });
});

test.each(['spawns-grandchild.sh', 'leaves-session.mjs'])(
  '[K3] cancel ends all that %s has started',
  async (program) => {
    await using executor = await startTestExecutor(sharedPids);
    await using client = await executor.connect();
    const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: [fixture(program)] });
    const { params } = await client.notification('job/output', jobId);
    const pid = Number(/\d+/.exec(params.data)?.[0]);
    expect(isAlive(pid)).toBe(true);
    expect(await client.call('job/cancel', { jobId })).toMatchObject({
      before: running,
      after: { status: 'stopping' },
    });
    expect((await client.notification('job/closed', jobId)).params.outcome).toEqual({
      status: 'cancelled',
      by: 'client',
    });
    expect(isAlive(pid)).toBe(false);
  },
);

test('[K3] what ignores SIGTERM is killed after the grace', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('ignores-sigterm.sh')];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
  await client.notification('job/output', jobId);
  await client.call('job/cancel', { jobId, graceMs: 200 });
  const { code, signal } = (await client.notification('job/exited', jobId)).params;
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
});

test('[K8] a grace of 0 kills at once, one below 0 is refused', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('ignores-sigterm.sh')];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
  await client.notification('job/output', jobId);
  expect(await client.errorOf('job/cancel', { jobId, graceMs: -1 })).toBe('invalidParams');
  expect(await client.call('job/get', { jobId })).toMatchObject({ state: running });
  await client.call('job/cancel', { jobId, graceMs: 0 });
  const { code, signal } = (await client.notification('job/exited', jobId)).params;
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
});

test('[K8] a later cancel hurries an earlier one, and does not slow it down', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('ignores-sigterm.sh')];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
  await client.notification('job/output', jobId);
  // With the first grace alone the test would run out of time.
  const replies = await Promise.all([
    client.call('job/cancel', { jobId, graceMs: 600_000 }),
    client.call('job/cancel', { jobId, graceMs: 100 }),
    client.call('job/cancel', { jobId, graceMs: 600_000 }),
  ]);
  const stopping = { status: 'stopping' };
  expect(replies).toEqual([
    { jobId, before: running, after: stopping },
    { jobId, before: stopping, after: stopping },
    { jobId, before: stopping, after: stopping },
  ]);
  expect((await client.notification('job/closed', jobId)).params.outcome).toEqual({
    status: 'cancelled',
    by: 'client',
  });
});

test('[K4] a pause and a cancel at once end the job', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('ticks.mjs')];
  for (let round = 0; round < 5; round += 1) {
    const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
    const { pid } = (await client.notification('job/started', jobId)).params;
    const verbs = round % 2 === 0 ? ['pause', 'cancel'] : ['cancel', 'pause'];
    await Promise.all(verbs.map((verb) => client.call(`job/${verb}`, { jobId })));
    expect((await client.notification('job/closed', jobId)).params.outcome).toEqual({
      status: 'cancelled',
      by: 'client',
    });
    expect(isAlive(pid)).toBe(false);
  }
});

test('[K7] a paused command hears of an interrupt when it is resumed', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const argv = [fixture('counts-interrupts.mjs')];
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv });
  const { data } = (await client.notification('job/output', jobId)).params;
  await client.call('job/pause', { jobId });
  const answer = { jobId, before: paused, after: paused };
  expect(await client.call('job/interrupt', { jobId })).toEqual(answer);
  await client.call('job/wait', { jobIds: [jobId], waitMs: 500 });
  expect(client.output(jobId)).toBe(data);
  await client.call('job/resume', { jobId });
  await expect.poll(() => client.output(jobId)).toContain('1');
});

test('[K3] a paused job can be cancelled', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', {
    kind: 'command',
    cwd: '/',
    argv: [fixture('ticks.mjs')],
  });
  const { pid } = (await client.notification('job/started', jobId)).params;
  await client.call('job/pause', { jobId });
  await client.call('job/cancel', { jobId });
  expect((await client.notification('job/closed', jobId)).params.outcome).toMatchObject({
    status: 'cancelled',
  });
  await untilDead(pid);
});

test('[K4] a control of an ended job says that it has ended', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['true'] });
  await client.notification('job/closed', jobId);
  const ended = { status: 'ended', outcome: { status: 'succeeded' } };
  for (const verb of ['pause', 'resume', 'interrupt', 'cancel']) {
    expect(await client.call(`job/${verb}`, { jobId })).toEqual({ jobId, before: ended, after: ended });
  }
});

test('[K5] standard input is written once for each write and can be closed', async () => {
  await using executor = await startTestExecutor(anything);
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: [fixture('reads-stdin.mjs')], stdin: 'pipe' };
  const { jobId } = await client.call('job/start', start);
  await client.call('job/write', { jobId, writeId: '1', data: 'né' });
  await client.call('job/write', { jobId, writeId: '1', data: 'né' });
  await client.call('job/write', {
    jobId,
    writeId: '2',
    data: Buffer.from('xy').toString('base64'),
    encoding: 'base64',
  });
  await client.call('job/closeStdin', { jobId });
  await client.call('job/closeStdin', { jobId });
  expect(await client.errorOf('job/write', { jobId, writeId: '3', data: 'late' })).toBe('stdinClosed');
  await client.notification('job/closed', jobId);
  expect(client.output(jobId)).toBe('néxyend after 5 bytes\n');
  const deaf = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['true'] });
  expect(await client.errorOf('job/write', { jobId: deaf.jobId, writeId: '1', data: 'x' })).toBe(
    'stdinClosed',
  );
});

test('[K6] stop answers, then ends the live jobs, and their followers see how', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv: ['sleep', '300'] });
  const { pid } = (await client.notification('job/started', jobId)).params;
  expect(await client.call('executor/stop')).toEqual({ liveJobs: 1 });
  await executor.executor.stopRequested;
  await executor.executor[Symbol.asyncDispose]();
  expect((await client.notification('job/closed', jobId)).params.outcome).toEqual({
    status: 'cancelled',
    by: 'shutdown',
  });
  expect(isAlive(pid)).toBe(false);
});

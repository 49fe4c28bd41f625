import { RpcError } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { startFakeExecutor } from '../fake-executor.ts';
import { startTestBridge } from '../test-bridge.ts';

test('a command comes back with a header for programs and its output', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute', { argv: ['make', 'all'], cwd: 'src', timeout: 1.5, env: { A: 'b' } });
  const job = await executor.nextJob();
  job.print('one\n\u001b[31mtwo\u001b[0m\n');
  job.print('10%\r20%\rdone\r\n');
  job.print('bad\n', 'stderr');
  job.exit(0);
  const { lines, isError } = await call;
  expect(lines).toEqual([
    `job=${job.jobId} state=ended outcome=succeeded exit=0 wall=41.2s`,
    'one',
    'two',
    'done',
    '[stderr] bad',
  ]);
  expect(isError).toBe(false);
  const { params } = await executor.seen('job/start');
  expect(params).toMatchObject({
    kind: 'command',
    argv: ['make', 'all'],
    cwd: '/home/ada/src',
    timeoutMs: 1500,
    env: { A: 'b' },
    onDetach: 'keep',
  });
});

test('a failed command is an error with its exit code', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute', { command: 'false' });
  (await executor.nextJob()).exit(1);
  const { lines, isError } = await call;
  expect(lines[0]).toMatch(/^job=j_\w+ state=ended outcome=failed reason=exit exit=1 wall=/);
  expect(isError).toBe(true);
});

test('long output keeps head and tail, says what is missing, and stays within bounds', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute', { command: 'flood' });
  const job = await executor.nextJob();
  const numbers = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`).join('');
  for (let at = 0; at < numbers.length; at += 60_000) job.print(numbers.slice(at, at + 60_000));
  job.print('x'.repeat(100_000));
  job.exit(0);
  const { text, lines } = await call;
  expect(text.length).toBeLessThan(17_000);
  expect(lines[1]).toBe('line 0');
  expect(text).toMatch(
    new RegExp(`… \\d+ bytes \\(\\d+ lines\\) omitted; call read_output with job_id=${job.jobId}`),
  );
  expect(lines).toContain('line 49999');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(2_000);
});

test('a call that takes too long yields the job id, and the job goes on', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const call = bridge.call('execute', { command: 'slow', wait_seconds: 0.2 });
  const job = await executor.nextJob();
  job.print('begun\n');
  const { lines, isError } = await call;
  expect(lines[0]).toMatch(new RegExp(`^job=${job.jobId} state=running wall=.* output=6B$`));
  expect(lines.slice(1)).toEqual([
    `next: call wait with job_ids=["${job.jobId}"]; do not poll`,
    'so far:',
    'begun',
  ]);
  expect(isError).toBe(false);
  await executor.seen('job/detach');
  expect(executor.requests.some(({ method }) => method === 'job/cancel')).toBe(false);
});

test('background starts the job without following it', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const { lines } = await bridge.call('execute', { command: 'slow', background: true });
  expect(lines[0]).toMatch(/^job=j_\w+ state=running/);
  expect((await executor.seen('job/start')).params).toMatchObject({ attach: false, onDetach: 'keep' });
});

test('a call that is repeated under its id starts nothing twice', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const options = { toolUseId: 'toolu_01A2b3C4d5E6f7G8h9J0kLmN' };
  const first = bridge.call('execute', { command: 'date' }, options);
  const job = await executor.nextJob();
  const whileItRuns = bridge.call('execute', { command: 'date' }, options);
  await executor.seen('job/wait');
  job.print('now\n');
  job.exit(0);
  const result = await first;
  expect(await whileItRuns).toEqual(result);
  expect(await bridge.call('execute', { command: 'date' }, options)).toEqual(result);
  expect(executor.jobs.size).toBe(1);
});

test('a call that is repeated at once waits for the start of the first', async () => {
  const isLetIn = Promise.withResolvers<void>();
  await using executor = await startFakeExecutor(() => undefined, isLetIn.promise);
  await using bridge = await startTestBridge(executor);
  const options = { toolUseId: 'toolu_01A2b3C4d5E6f7G8h9J0kLmN' };
  const calls = [1, 2].map(() => bridge.call('execute', { command: 'date' }, options));
  await executor.seen('job/start');
  isLetIn.resolve();
  (await executor.nextJob()).exit(0);
  const [first, second] = await Promise.all(calls);
  expect(first?.isError).toBe(false);
  expect(second).toEqual(first);
});

test('after a lost connection the call follows its job from where it was', async () => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const printed = Promise.withResolvers<void>();
  const call = bridge.call('execute', { command: 'x' }, { onProgress: () => printed.resolve() });
  const job = await executor.nextJob();
  job.print('before\n');
  await printed.promise;
  executor.cut();
  const { params } = await executor.seen('job/attach');
  expect(params['afterSeq']).toBe(1);
  job.print('after\n');
  job.exit(0);
  expect((await call).lines.slice(1)).toEqual(['before', 'after']);
});

test.each([
  [{}, /exactly one of command and argv/],
  [{ command: 'a', argv: ['a'] }, /exactly one of command and argv/],
  [{ command: 'a', wait_seconds: 111 }, /wait_seconds/],
  [{ command: 'a', tiemout: 5 }, /tiemout/],
])('wrong arguments are an error that the model sees: %j', async (args, message) => {
  await using executor = await startFakeExecutor();
  await using bridge = await startTestBridge(executor);
  const { text, isError } = await bridge.call('execute', args);
  expect(text).toMatch(message);
  expect(isError).toBe(true);
  expect(executor.requests).toEqual([]);
});

test('a refusal tells its code, who can mend it and how', async () => {
  const mend = 'add "curl" to policy.allow';
  await using executor = await startFakeExecutor(
    () =>
      new RpcError('policyRefused', 'Policy does not allow curl', {
        rule: 'default deny',
        file: '/etc/p',
        mend,
      }),
  );
  await using bridge = await startTestBridge(executor);
  const { lines, isError } = await bridge.call('execute', { argv: ['curl'] });
  expect(lines).toEqual([
    'error=policyRefused',
    'Policy does not allow curl',
    `hint: ${mend} in /etc/p`,
    expect.stringMatching(/^hint: the operator of the executor can mend this, then .*`cc-executor stop`/),
  ]);
  expect(isError).toBe(true);
});

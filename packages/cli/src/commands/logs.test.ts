import { once } from 'node:events';
import { readLines } from '@cc-executor/testkit';
import { expect, test, vi } from 'vitest';
import { makeTestHome, type TestHome } from '../test-home.ts';

// Each test is a row of processes, and machines under load take their time to start them.
vi.setConfig({ testTimeout: 60_000 });

async function runToEnd(home: TestHome, args: readonly string[]): Promise<string> {
  const id = (await home.run(['run', '--detach', ...args])).stdout.trim();
  await home.run(['wait', id]);
  return id;
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

test('the first and the last lines are shown, however far back they begin', async () => {
  await using home = await makeTestHome();
  const id = await runToEnd(home, ['seq', '1000000']);
  const logs = async (...args: string[]) => (await home.run(['logs', ...args, id])).stdout;
  expect((await logs('--head', '400000')) === numbers(1, 400_000)).toBe(true);
  expect(await logs('--tail', '2')).toBe('999999\n1000000\n');
  expect((await logs('--tail', '600000')) === numbers(400_001, 1_000_000)).toBe(true);
  expect((await logs()) === numbers(1, 1_000_000)).toBe(true);
});

test('a last line without an end counts, in a stream as well', async () => {
  await using home = await makeTestHome();
  const script = "process.stdout.write('one\\ntwo\\nopen'); process.stderr.write('warning\\n')";
  const id = await runToEnd(home, ['node', '-e', script]);
  const { stdout, stderr } = await home.run(['logs', '--stream', 'stdout', '--tail', '2', id]);
  expect({ stdout, stderr }).toEqual({ stdout: 'two\nopen', stderr: '' });
  // There is nothing to follow any more.
  expect((await home.run(['logs', '-f', '--tail', '1', '--stream', 'stdout', id])).stdout).toBe('open');
  const errors = await home.run(['logs', '--stream', 'stderr', id]);
  expect({ stdout: errors.stdout, stderr: errors.stderr }).toEqual({ stdout: '', stderr: 'warning\n' });
});

test('a search prints the lines that hold a text, and exits with 1 when there are none', async () => {
  await using home = await makeTestHome();
  const id = await runToEnd(home, ['seq', '10000']);
  const found = await home.run(['logs', '--search', '999', id]);
  const expected = numbers(1, 10_000)
    .split('\n')
    .filter((line) => line.includes('999'));
  expect({ code: found.code, lines: found.stdout.trimEnd().split('\n') }).toEqual({
    code: 0,
    lines: expected,
  });
  const around = await home.run(['logs', '--search', '9999', '--context', '1', id]);
  expect(around.stdout).toBe('9998\n9999\n10000\n');
  // More than one answer of the executor holds.
  const many = await home.run(['logs', '--search', '1', id]);
  expect(many.stdout.trimEnd().split('\n')).toEqual(
    numbers(1, 10_000)
      .split('\n')
      .filter((line) => line.includes('1')),
  );
  const none = await home.run(['logs', '--search', 'x', id]);
  expect({ code: none.code, stdout: none.stdout }).toEqual({ code: 1, stdout: '' });
});

test('following after the last lines shows each byte once', async () => {
  await using home = await makeTestHome();
  const script = `
    console.log('one\\ntwo');
    process.stdin.on('data', (data) => process.stdout.write(data)).on('end', () => process.exit());`;
  const child = home.start(['run', 'node', '-e', script], { input: '' });
  if (child.stdout === null) throw new Error('no stdout');
  const lines = readLines(child.stdout);
  expect([await lines.next(), await lines.next()]).toEqual(['one', 'two']);
  const id = /^(j_\w+)/m.exec((await home.run(['ps'])).stdout)?.[1] ?? '';
  const following = home.start(['logs', '-f', '--tail', '1', id]);
  if (following.stdout === null) throw new Error('no stdout');
  const followed = readLines(following.stdout);
  const ended = once(following, 'exit');
  expect(await followed.next()).toBe('two');
  child.stdin?.end('three\n');
  expect(await followed.rest()).toEqual(['three']);
  expect((await ended)[0]).toBe(0);
});

test('what is no longer kept is told with its size', async () => {
  await using home = await makeTestHome();
  const id = await runToEnd(home, ['--max-output', '1M', '--retention', 'tail', 'seq', '1000000']);
  const { stdout, stderr } = await home.run(['logs', id]);
  const lostBytes = 6_888_896 - stdout.length;
  expect(stdout.endsWith('999999\n1000000\n')).toBe(true);
  expect(stderr).toBe(`cc-executor: ${lostBytes} bytes of output are no longer there\n`);
  expect((await home.run(['ps', '--all'])).stdout).toMatch(/ succeeded, dropped 5\.\dM /);
  const search = await home.run(['logs', '--search', '999999', id]);
  expect({ stdout: search.stdout, stderr: search.stderr }).toEqual({ stdout: '999999\n', stderr });
});

test('a job that is to fail when its log is full does, and says why', async () => {
  await using home = await makeTestHome();
  const { code, stderr } = await home.run([
    'run',
    '--max-output',
    '1M',
    '--retention',
    'fail',
    'seq',
    '10000000',
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^cc-executor: failed \(.+\)\n$/);
});

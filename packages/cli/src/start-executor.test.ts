import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { makeTestHome } from './test-home.ts';

test('several that start at once end up with one executor', async () => {
  await using home = await makeTestHome();
  const runs = await Promise.all([1, 2, 3, 4, 5].map((n) => home.run(['run', 'echo', String(n)])));
  expect(runs.map(({ code, stdout, stderr }) => ({ code, stdout, stderr }))).toEqual(
    [1, 2, 3, 4, 5].map((n) => ({ code: 0, stdout: `${n}\n`, stderr: '' })),
  );
  const pid = await home.executorPid();
  // Those that came too late may still be on their way out.
  const losers = home.executorPids().filter((other) => other !== pid);
  await Promise.all(losers.map(untilDead));
  expect(home.executorPids()).toEqual([pid]);
  expect((await home.run(['ps', '--all', '--json'])).stdout.trim().split('\n')).toHaveLength(5);
});

test('after the executor was killed the next run starts a new one', async () => {
  await using home = await makeTestHome();
  expect((await home.run(['run', 'true'])).code).toBe(0);
  const first = await home.executorPid();
  if (first === undefined) throw new Error('no executor');
  process.kill(first, 'SIGKILL');
  await untilDead(first);
  expect((await home.run(['ps'])).code).toBe(3);
  expect((await home.run(['run', 'echo', 'again'])).stdout).toBe('again\n');
  expect(await home.executorPid()).not.toBe(first);
});

test('an executor that is started gets listed variables only, and runs apart from us', async () => {
  await using home = await makeTestHome();
  const env = {
    CC_EXECUTOR_TREE_ID: 't',
    CC_EXECUTOR_INSTANCE_ID: 'i',
    SECRET_OF_THE_CALLER: 'x',
    LC_TIME: 'C',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    CC_EXECUTOR_LOG_LEVEL: 'debug',
  };
  expect((await home.run(['run', 'true'], { env })).code).toBe(0);
  const pid = await home.executorPid();
  const environ = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter((line) => line !== '');
  const names = ['ANTHROPIC_BASE_URL', 'CC_EXECUTOR_LOG_LEVEL', 'HOME', 'LANG', 'LC_TIME', 'PATH'];
  expect(new Set(environ.map((line) => line.split('=')[0]))).toEqual(new Set(names));
  const [, , , , session] = afterName(await readFile(`/proc/${pid}/stat`, 'utf8'));
  expect(session).toBe(String(pid));
  expect((await stat(join(home.stateDir, 'executor.log'))).mode & 0o777).toBe(0o600);
});

test('an executor that cannot start is told with the end of its log', async () => {
  await using home = await makeTestHome();
  await home.writeConfig({ port: 'eighty' });
  const { code, stderr } = await home.run(['run', 'true']);
  expect(code).toBe(3);
  expect(stderr).toContain('cc-executor: The executor did not start (exit code 1)');
  expect(stderr).toContain('port: ');
});

test('commands on jobs never start an executor', async () => {
  await using home = await makeTestHome();
  const all = [['ps'], ['logs', 'j'], ['wait', 'j'], ['pause', 'j'], ['cancel', 'j'], ['stop']];
  const runs = await Promise.all(all.map((args) => home.run(args)));
  expect(runs.map(({ code }) => code)).toEqual(all.map(() => 3));
  expect(runs[0]?.stderr.split('\n')).toEqual([
    `cc-executor: No executor is running with the state directory ${home.stateDir}`,
    'Start one with `cc-executor serve`, or run something: `cc-executor run` starts one by itself',
    '',
  ]);
  expect(home.executorPids()).toEqual([]);
});

/** The fields of a stat line behind the name, which may hold spaces. The second one is the parent. */
function afterName(statLine: string): string[] {
  return ['', ...statLine.slice(statLine.lastIndexOf(')') + 2).split(' ')];
}

import { once } from 'node:events';
import { readLines } from '@cc-executor/testkit';
import { expect, test, vi } from 'vitest';
import { makeTestHome } from '../test-home.ts';

// Each test is a row of processes, and machines under load take their time to start them.
vi.setConfig({ testTimeout: 60_000 });

test('a detached job is listed, steered, waited for and read again', async () => {
  await using home = await makeTestHome();
  const script = "console.log('one'); console.error('two'); setInterval(() => {}, 1000)";
  const started = await home.run(['run', '--detach', 'node', '-e', script]);
  const id = started.stdout.trim();
  expect({ code: started.code, id }).toEqual({ code: 0, id: expect.stringMatching(/^j_\w+$/) });

  const following = home.start(['logs', '-f', id]);
  if (following.stdout === null) throw new Error('no stdout');
  const followingEnded = once(following, 'exit');
  expect(await readLines(following.stdout).next()).toBe('one');
  const listed = (await home.run(['ps'])).stdout.trim().split('\n');
  expect(listed).toHaveLength(2);
  expect(listed[1]).toMatch(new RegExp(`^${id}  command  running  \\d+s +node -e `));

  expect((await home.run(['pause', id])).stdout).toBe(`${id} running -> paused\n`);
  expect((await home.run(['pause', id])).stdout).toBe(`${id} paused\n`);
  expect((await home.run(['resume', id])).stdout).toBe(`${id} paused -> running\n`);
  const waiting = home.run(['wait', id]);
  expect((await home.run(['cancel', id])).stdout).toBe(`${id} running -> stopping\n`);
  const waited = await waiting;
  expect({ code: waited.code, stdout: waited.stdout }).toEqual({
    code: 130,
    stdout: `${id} cancelled (by client)\n`,
  });
  expect((await followingEnded)[0]).toBe(0);

  const { code, stdout, stderr } = await home.run(['logs', id]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'one\n', stderr: 'two\n' });
  expect((await home.run(['ps'])).stdout.trim().split('\n')).toHaveLength(1);
  const all = (await home.run(['ps', '--all', '--json'])).stdout.trim().split('\n');
  expect(all.map((line) => (JSON.parse(line) as { jobId: string }).jobId)).toEqual([id]);
});

test('interrupt is what Ctrl-C would be, and the exit code tells the first that failed', async () => {
  await using home = await makeTestHome();
  const ids: string[] = [];
  for (const args of [['true'], ['sleep', '60'], ['false']]) {
    ids.push((await home.run(['run', '--detach', ...args])).stdout.trim());
  }
  const [succeeded = '', interrupted = '', failed = ''] = ids;
  expect((await home.run(['interrupt', interrupted])).code).toBe(0);
  const { code, stdout } = await home.run(['wait', succeeded, interrupted, failed]);
  expect(code).toBe(130);
  expect(stdout).toBe(
    `${succeeded} succeeded\n${interrupted} interrupted\n${failed} failed (exited with 1)\n`,
  );
});

test('an unknown job is told, with what to do', async () => {
  await using home = await makeTestHome();
  await home.run(['run', 'true']);
  const { code, stderr } = await home.run(['logs', 'nosuch']);
  expect(code).toBe(1);
  expect(stderr).toBe('cc-executor: There is no job nosuch\nSee the jobs there are: cc-executor ps --all\n');
});

test('stop with the id of a job ends nothing', async () => {
  await using home = await makeTestHome();
  const id = (await home.run(['run', '--detach', 'sleep', '60'])).stdout.trim();
  const { code, stderr } = await home.run(['stop', id]);
  expect(code).toBe(2);
  expect(stderr).toContain('to end a job: cancel');
  expect((await home.run(['ps'])).stdout).toContain(`${id}  command  running`);
});

test('stop ends the jobs and the executor, and waits until it is gone', async () => {
  await using home = await makeTestHome();
  await home.run(['run', '--detach', 'sleep', '60']);
  const { code, stdout } = await home.run(['stop']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'stopped, 1 job cancelled\n' });
  expect(home.executorPids()).toEqual([]);
  expect((await home.run(['stop'])).code).toBe(3);
});

import { once } from 'node:events';
import { readLines } from '@cc-executor/testkit';
import { expect, test, vi } from 'vitest';
import { collect, makeTestHome, type TestHome } from '../test-home.ts';

// Each test is a row of processes, and machines under load take their time to start them.
vi.setConfig({ testTimeout: 60_000 });

/** Prints what it reads, and ends with 7 when its input does. */
const echo = `
  console.log('up');
  process.stdin.on('data', (data) => process.stdout.write(data)).on('end', () => process.exit(7));`;

/** Starts a job that nobody is attached to, and waits for its first line. */
async function detached(home: TestHome, script: string): Promise<string> {
  const id = (await home.run(['run', '--detach', 'node', '-e', script])).stdout.trim();
  const following = home.start(['logs', '-f', id]);
  if (following.stdout === null) throw new Error('no stdout');
  await readLines(following.stdout).next();
  following.kill('SIGTERM');
  await once(following, 'exit');
  return id;
}

/** A job with an open input, whose starter goes on. */
async function withInput(home: TestHome) {
  const starter = home.start(['run', 'node', '-e', echo], { input: '' });
  if (starter.stdout === null || starter.stdin === null) throw new Error('no streams');
  starter.stdin.write('first\n');
  const lines = readLines(starter.stdout);
  expect([await lines.next(), await lines.next()]).toEqual(['up', 'first']);
  const id = /^(j_\w+)/m.exec((await home.run(['ps'])).stdout)?.[1] ?? '';
  return { id, starter };
}

test('output comes from now on, and the exit code is that of the job', async () => {
  await using home = await makeTestHome();
  const id = await detached(
    home,
    "console.log('early'); process.on('SIGINT', () => { console.log('late'); process.exit(3); }); setInterval(() => {}, 1000)",
  );
  const attached = home.start(['attach', id]);
  const ended = collect(attached);
  await expect.poll(async () => (await home.run(['ps', '--json'])).stdout).toContain('"attachments":1');
  await home.run(['interrupt', id]);
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: 'late\n', stderr: '' });

  const again = await home.run(['attach', '--from-start', id]);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 3, stdout: 'early\nlate\n' });
  const over = await home.run(['attach', id]);
  expect({ code: over.code, stdout: over.stdout }).toEqual({ code: 3, stdout: '' });
});

test('Ctrl-C leaves the job running', async () => {
  await using home = await makeTestHome();
  const id = await detached(home, "console.log('up'); setInterval(() => {}, 1000)");
  const attached = home.start(['attach', '--from-start', id]);
  if (attached.stdout === null) throw new Error('no stdout');
  expect(await readLines(attached.stdout).next()).toBe('up');
  attached.kill('SIGINT');
  expect((await once(attached, 'exit'))[0]).toBe(130);
  expect((await home.run(['ps'])).stdout).toContain(`${id}  command  running`);
});

test('what is piped in reaches the job, and so does its end', async () => {
  await using home = await makeTestHome();
  const { id, starter } = await withInput(home);
  const starterEnded = once(starter, 'exit');
  const attached = await home.run(['attach', id], { input: 'second\n' });
  expect({ code: attached.code, stdout: attached.stdout }).toEqual({ code: 7, stdout: 'second\n' });
  expect((await starterEnded)[0]).toBe(7);
});

test('a pipe that holds nothing ends nothing', async () => {
  await using home = await makeTestHome();
  const { id, starter } = await withInput(home);
  const attached = home.start(['attach', '--from-start', id], { input: '' });
  if (attached.stdout === null) throw new Error('no stdout');
  attached.stdin?.end();
  const lines = readLines(attached.stdout);
  expect([await lines.next(), await lines.next()]).toEqual(['up', 'first']);
  starter.stdin?.end('more\n');
  expect(await lines.rest()).toEqual(['more']);
});

test('a job that takes no input says so to who pipes some in', async () => {
  await using home = await makeTestHome();
  const id = await detached(home, "console.log('up'); setInterval(() => {}, 1000)");
  const attached = home.start(['attach', id], { input: 'hello\n' });
  if (attached.stderr === null) throw new Error('no stderr');
  attached.stdin?.end('hello\n');
  expect(await readLines(attached.stderr).next()).toBe(
    'cc-executor: the job takes no input; what is piped in does not reach it',
  );
  attached.kill('SIGTERM');
  await once(attached, 'exit');
});

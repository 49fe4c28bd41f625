import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture, readLines, untilDead } from '@cc-executor/testkit';
import { expect, test, vi } from 'vitest';
import { collect, makeTestHome, portable } from '../test-home.ts';

// Each test is a row of processes, and machines under load take their time to start them.
vi.setConfig({ testTimeout: 60_000 });

test('with no configuration at all, a command runs and its output and exit code are ours', async () => {
  await using home = await makeTestHome();
  const script = "console.log('to stdout'); console.error('to stderr'); process.exit(7)";
  const { code, stdout, stderr } = await home.run(['run', 'node', '-e', script]);
  expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: 'to stdout\n', stderr: 'to stderr\n' });
  expect((await home.run(['run', '--', 'true'])).code).toBe(0);
  expect((await home.run(['run', 'pwd'])).stdout).toBe(`${home.workDir}\n`);
  expect((await home.run(['run', '--cwd', '..', 'pwd'])).stdout).toBe(`${home.path}\n`);
});

test('options after the command belong to the command', async () => {
  await using home = await makeTestHome();
  const { stdout } = await home.run(['run', 'echo', '--json', '--help', '--timeout', '1']);
  expect(stdout).toBe('--json --help --timeout 1\n');
});

test('output is passed on byte for byte', async () => {
  await using home = await makeTestHome();
  const script = `
    const bytes = Buffer.alloc(3_000_001);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = (i * 7 + (i >> 8)) & 255;
    process.stdout.write(bytes);`;
  const { stdoutBytes } = await home.run(['run', 'node', '-e', script]);
  const expected = Buffer.alloc(3_000_001);
  for (let i = 0; i < expected.length; i += 1) expected[i] = (i * 7 + (i >> 8)) & 255;
  expect(stdoutBytes.equals(expected)).toBe(true);
});

test('what is piped in reaches the command, and so does its end', async () => {
  await using home = await makeTestHome();
  const input = Buffer.alloc(6_000_000, 'some text and then more\n');
  const { code, stdoutBytes } = await home.run(['run', 'cat'], { input });
  expect(code).toBe(0);
  expect(stdoutBytes.equals(input)).toBe(true);
  expect((await home.run(['run', 'cat'])).stdout).toBe('');
});

test('a command that takes none of its input ends all the same', async () => {
  await using home = await makeTestHome();
  const child = home.start(['run', 'true'], { input: '' });
  expect((await collect(child)).code).toBe(0);
});

test('a signal that ends the command is told as 128 plus its number', async () => {
  await using home = await makeTestHome();
  const kill = "process.kill(process.pid, 'SIGKILL')";
  const { code, stderr } = await home.run(['run', 'node', '-e', kill]);
  expect({ code, stderr }).toEqual({ code: 137, stderr: 'cc-executor: failed (ended by SIGKILL)\n' });
});

test('a time-out is exit code 124', async () => {
  await using home = await makeTestHome();
  const { code, stderr } = await home.run(['run', '--timeout', '0.2', 'sleep', '60']);
  expect({ code, stderr }).toEqual({ code: 124, stderr: 'cc-executor: timed out\n' });
});

test('a refusal tells what happened and what to do', async () => {
  await using home = await makeTestHome();
  const { code, stdout, stderr } = await home.run(['run', 'bash', '-c', 'echo hi']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    'cc-executor: Policy does not allow bash: no rule speaks of it',
    `To allow it, add "bash" to policy.allow in ${home.configFile}, then \`cc-executor stop\``,
    '',
  ]);
  expect((await home.run(['stop'])).code).toBe(0);
  await home.writeConfig({ policy: { allow: ['bash'] } });
  expect((await home.run(['run', 'bash', '-c', 'echo hi'])).stdout).toBe('hi\n');
});

test('--json prints the entries of the log, the end as the last one', async () => {
  await using home = await makeTestHome();
  const { code, stdout } = await home.run(['run', '--json', 'node', '-e', 'process.exit(3)']);
  const entries = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(code).toBe(3);
  expect(entries.at(-1)).toMatchObject({ type: 'closed', outcome: { status: 'failed', exitCode: 3 } });
});

test('Ctrl-C interrupts, and a second one cancels the whole tree', async () => {
  await using home = await makeTestHome();
  await home.writeConfig({ policy: { allow: [fixture('counts-interrupts.mjs')] } });
  const child = home.start(['run', fixture('counts-interrupts.mjs')]);
  if (child.stdout === null) throw new Error('no stdout');
  const lines = readLines(child.stdout);
  const pid = await lines.nextNumber();
  child.kill('SIGINT');
  expect(await lines.next()).toContain('1');
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
  await untilDead(pid);
});

test('an interrupt that ends the command is exit code 130', async () => {
  await using home = await makeTestHome();
  const child = home.start(['run', 'node', '-e', "console.log('up'); setInterval(() => {}, 1000)"]);
  if (child.stdout === null) throw new Error('no stdout');
  await readLines(child.stdout).next();
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
});

test('when nobody reads our output any more, the command is cancelled and we end quietly', async () => {
  await using home = await makeTestHome();
  const pidFile = join(home.workDir, 'pid');
  const script = `
    require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
    setInterval(() => console.log('x'.repeat(1000)), 1);`;
  const child = home.start(['run', 'node', '-e', script], { env: portable });
  if (child.stdout === null || child.stderr === null) throw new Error('no streams');
  const errors = readLines(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'exit');
  expect({ code, errors: await errors.rest() }).toEqual({ code: 141, errors: [] });
  await untilDead(Number(await readFile(pidFile, 'utf8')));
});

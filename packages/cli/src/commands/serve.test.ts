import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { readLines, untilDead } from '@cc-executor/testkit';
import { expect, test, vi } from 'vitest';
import { collect, makeTestHome, portable, type TestHome, type TestRunOptions } from '../test-home.ts';

// Each test is a row of processes, and machines under load take their time to start them.
vi.setConfig({ testTimeout: 60_000 });

/** An executor in the foreground, and what its ready line says. */
async function serve(home: TestHome, args: readonly string[] = [], options: TestRunOptions = {}) {
  const child = home.start(['serve', '--port', '0', ...args], options);
  if (child.stdout === null || child.stderr === null) throw new Error('no streams');
  const log = readLines(child.stderr);
  const line = await readLines(child.stdout).next();
  const ready = JSON.parse(line) as { url: string; socket: string | null; stateDir: string; pid: number };
  return {
    child,
    ready,
    log,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await untilDead(ready.pid);
    },
  };
}

test('the ready line says where it listens; SIGTERM ends it with its jobs', async () => {
  await using home = await makeTestHome();
  await using executor = await serve(home, [], { env: portable });
  const { stateDir } = home;
  expect(executor.ready).toEqual({
    url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/ws$/),
    socket: join(stateDir, 'executor.sock'),
    stateDir,
    pid: executor.child.pid,
  });
  expect((await stat(join(stateDir, 'executor.json'))).mode & 0o777).toBe(0o600);
  const running = home.start(['run', 'node', '-e', 'console.log(process.pid); setInterval(() => {}, 1000)']);
  if (running.stdout === null) throw new Error('no stdout');
  const jobPid = await readLines(running.stdout).nextNumber();
  executor.child.kill('SIGTERM');
  const [[code], [runCode]] = await Promise.all([once(executor.child, 'exit'), once(running, 'exit')]);
  expect({ code, runCode }).toEqual({ code: 0, runCode: 130 });
  await untilDead(jobPid);
  const messages = (await executor.log.rest()).map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toEqual(['ready', 'stopping', 'job ended', 'stopped']);
});

test('a second executor on a state directory says who holds it', async () => {
  await using home = await makeTestHome();
  await using executor = await serve(home);
  const { code, stdout, stderr } = await home.run(['serve', '--port', '0']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const { pid, url } = executor.ready;
  expect(stderr.split('\n')[0]).toBe(
    `cc-executor: Another executor (pid ${pid}, ${url}) is using the state directory ${home.stateDir}`,
  );
});

test('a port in use is told in a line, and the state directory is free again', async () => {
  await using home = await makeTestHome();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await home.run(['serve', '--port', String(port)]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `cc-executor: The port is in use: 127.0.0.1:${port}\nName another with --port, or 0 for a free one\n`,
  );
  taken.close();
  await using _executor = await serve(home);
});

test('a state directory that cannot be made is told in a line', async () => {
  await using home = await makeTestHome();
  const file = join(home.workDir, 'file');
  await writeFile(file, '');
  const { code, stderr } = await home.run(['serve', '--port', '0', '--state-dir', 'file/state']);
  expect(code).toBe(1);
  expect(stderr).toContain(`cc-executor: The state directory ${file}/state cannot be used`);
});

test('it ends when it was idle for long enough', async () => {
  await using home = await makeTestHome();
  const { code } = await collect(home.start(['serve', '--port', '0', '--idle-exit', '0.2']));
  expect(code).toBe(0);
});

test('a wrong config file is told with file and field', async () => {
  await using home = await makeTestHome();
  await home.writeConfig({ policy: { allow: 'git' }, prot: 1 });
  const { code, stderr } = await home.run(['serve']);
  expect(code).toBe(1);
  expect(stderr).toContain(home.configFile);
  expect(stderr).toContain('policy.allow: ');
  expect(stderr).toContain('"prot"');
});

test('a socket that cannot be had is told by its path', async () => {
  await using home = await makeTestHome();
  const socket = join(home.path, 'nosuch/x.sock');
  const { code, stderr } = await home.run(['serve', '--port', '0', '--socket', socket]);
  expect(code).toBe(1);
  expect(stderr).toMatch(`cc-executor: Cannot listen on the Unix socket ${socket} (E`);
});

test('a rule that cannot be read is told with the file', async () => {
  await using home = await makeTestHome();
  await home.writeConfig({ policy: { allow: ['ls | wc'] } });
  const { code, stderr } = await home.run(['serve', '--port', '0']);
  expect(code).toBe(1);
  expect(stderr).toContain(`In ${home.configFile}: policy rule is not a list of plain words: ls | wc`);
});

test('where a required namespace cannot be had it does not start, and says why and what to do', async () => {
  await using home = await makeTestHome();
  // Node, and no bwrap.
  const env = { PATH: dirname(process.execPath), CC_EXECUTOR_CONTAINMENT: 'require' };
  for (const args of [[], ['--containment', 'require']]) {
    const { code, stdout, stderr } = await home.run(['serve', '--port', '0', ...args], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const [what, mend] = stderr.split('\n');
    expect(what).toMatch(/^cc-executor: Containment in a pid namespace is required, .*: .*bwrap/);
    expect(mend).toContain('--containment prefer');
  }
  const { stderr } = await home.run(['serve', '--containment', 'none']);
  expect(stderr).toContain("--containment takes one of prefer, require, portable, not 'none'");
});

test('where limits cannot be set it does not start with limits, and says why and what to do', async () => {
  await using home = await makeTestHome();
  await home.writeConfig({ limits: { coreBytes: 0 } });
  const env = { PATH: dirname(process.execPath) };
  const { code, stdout, stderr } = await home.run(['serve', '--port', '0'], { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^cc-executor: The settings limit what jobs may use, .*: prlimit is not installed/);
  expect(stderr).toContain('take "limits" out of the config file');
});

test('without a token it listens on loopback only', async () => {
  await using home = await makeTestHome();
  const { code, stderr } = await home.run(['serve', '--host', '0.0.0.0', '--auth', 'none']);
  expect(code).toBe(1);
  expect(stderr).toContain('Refusing to listen on 0.0.0.0 without a token');
});

test('the token of the environment is asked for; the URL is never replaced by an executor of our own', async () => {
  await using home = await makeTestHome();
  await using executor = await serve(home, [], { env: { CC_EXECUTOR_TOKEN: 'a-token' } });
  const elsewhere = {
    CC_EXECUTOR_WEBSOCKET_URL: executor.ready.url,
    CC_EXECUTOR_STATE_DIR: join(home.path, 's'),
  };
  const wrong = await home.run(['run', 'true'], { env: { ...elsewhere, CC_EXECUTOR_TOKEN: 'another' } });
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain('Set CC_EXECUTOR_TOKEN to the token in its executor.json');
  const right = await home.run(['run', 'echo', 'hi'], {
    env: { ...elsewhere, CC_EXECUTOR_TOKEN: 'a-token' },
  });
  expect(right.stdout).toBe('hi\n');
  const root = executor.ready.url.replace(/\/ws$/, '');
  const elsewhereOnIt = await home.run(['run', 'true'], {
    env: { CC_EXECUTOR_WEBSOCKET_URL: root, CC_EXECUTOR_TOKEN: 'a-token' },
  });
  expect(elsewhereOnIt.stderr).toContain('which ends in /ws; or unset CC_EXECUTOR_WEBSOCKET_URL');
  executor.child.kill('SIGTERM');
  await untilDead(executor.ready.pid);
  const gone = await home.run(['run', 'true'], { env: { ...elsewhere, CC_EXECUTOR_TOKEN: 'a-token' } });
  expect(gone.code).toBe(3);
  expect(gone.stderr).toContain(`cc-executor: No executor at ${executor.ready.url}`);
});

test('where the path is too long for a Unix socket there is none', async () => {
  await using home = await makeTestHome();
  const stateDir = join(home.path, 'x'.repeat(100));
  await mkdir(stateDir);
  const env = { CC_EXECUTOR_STATE_DIR: stateDir };
  await using executor = await serve(home, [], { env });
  expect(executor.ready).toMatchObject({ socket: null, stateDir });
  expect((await home.run(['run', 'echo', 'hi'], { env })).stdout).toBe('hi\n');
  expect((await home.run(['stop'], { env })).code).toBe(0);
});

test('commands that the environment allows may run', async () => {
  await using home = await makeTestHome();
  await using executor = await serve(home, [], { env: { ALLOWED_COMMANDS: 'bash, dash' } });
  expect((await home.run(['run', 'bash', '-c', 'echo hi'])).stdout).toBe('hi\n');
  expect(executor.ready.socket).not.toBeNull();
});

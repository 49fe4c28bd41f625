import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { CommandContext } from './command-context.ts';
import { runCommandLine } from './command-line.ts';
import { commands } from './commands.ts';

/** A command line in a place where nothing runs. */
async function runLine(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const context: CommandContext = {
    env: { HOME: '/nonexistent' },
    cwd: '/',
    stdin: new PassThrough(),
    stdout,
    stderr,
    signals: new EventEmitter(),
    program: { node: '/nonexistent', nodeOptions: [], script: '/nonexistent' },
  };
  const code = await runCommandLine(args, context);
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

test('the version is that of the package', async () => {
  expect(await runLine('--version')).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^cc-executor \d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});

test('help goes to stdout when it was asked for, and to stderr when nothing was', async () => {
  const asked = await runLine('--help');
  expect({ code: asked.code, stderr: asked.stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of commands.keys()) expect(asked.stdout).toContain(`\n  ${name} `);
  expect(await runLine()).toEqual({ code: 2, stdout: '', stderr: asked.stdout });
});

test.each([...commands.keys()])('%s tells how it is used', async (name) => {
  const { code, stdout, stderr } = await runLine(name, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: cc-executor ${name}\\b`));
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  expect((await runLine('help', name)).stdout).toBe(stdout);
});

test('what it does not know is an error of usage', async () => {
  expect(await runLine('runn')).toEqual({
    code: 2,
    stdout: '',
    stderr: "cc-executor: there is no command 'runn'\nTry: cc-executor --help\n",
  });
  expect((await runLine('ps', '--al')).stderr).toContain('Try: cc-executor ps --help');
  expect((await runLine('serve', '--port', '65536')).code).toBe(2);
  expect((await runLine('serve', '--auth', 'maybe')).code).toBe(2);
  expect((await runLine('serve', '--log-level', 'loud')).code).toBe(2);
  expect((await runLine('run')).code).toBe(2);
  expect((await runLine('wait')).code).toBe(2);
});

test('the policy is shown without an executor', async () => {
  const { code, stdout } = await runLine('policy', 'show');
  expect(code).toBe(0);
  expect(stdout).toContain(
    '/nonexistent/.config/cc-executor/config.json (does not exist; the defaults hold)',
  );
  expect(stdout).toContain('shell lines  refused');
  expect(stdout).toMatch(/everyday {5}.*\bgit\b/);
  const json = JSON.parse((await runLine('policy', 'show', '--json')).stdout) as { allow: string[] };
  expect(json.allow).toContain('git');
});

test('a reader that has gone ends it quietly', async () => {
  const stdout = new PassThrough();
  stdout.on('error', () => undefined);
  stdout.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  const stderr = new PassThrough();
  const code = await runCommandLine(['--version'], {
    env: {},
    cwd: '/',
    stdin: new PassThrough(),
    stdout,
    stderr,
    signals: new EventEmitter(),
    program: { node: '', nodeOptions: [], script: '' },
  });
  expect({ code, stderr: stderr.read() as unknown }).toEqual({ code: 141, stderr: null });
});

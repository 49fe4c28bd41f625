import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLines } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { collect } from './test-home.ts';

const bin = fileURLToPath(new URL('../bin/cc-executor.js', import.meta.url));

/** A Node of this machine that is too old for us, where there is one. */
const oldNode = ['/usr/local/bin/node', '/usr/bin/node'].find((path) => {
  try {
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
    return /^v(1[89]|2[0-3])\./.test(version);
  } catch {
    return false;
  }
});

/** The command as it is installed, with a stand-in for what is built. */
async function install(options: { withNode: boolean; isBuilt?: boolean }) {
  const root = await mkdtemp(join(tmpdir(), 'ccx-bin-'));
  const folder = join(root, 'node_modules/@cc-executor/cli');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await mkdir(join(folder, 'dist'));
  await copyFile(bin, join(folder, 'bin/cc-executor.js'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const main = `
    process.on('SIGTERM', () => process.exit(9));
    console.log(JSON.stringify({ version: process.version, args: process.argv.slice(2), pid: process.pid }));
    if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL');
    else if (process.argv[2] === 'wait') setInterval(() => {}, 1000);
    else process.exitCode = 5;`;
  if (options.isBuilt !== false) await writeFile(join(folder, 'dist/main.js'), main);
  if (options.withNode) {
    const node = join(root, 'node_modules/node');
    await mkdir(join(node, 'bin'), { recursive: true });
    await writeFile(join(node, 'package.json'), JSON.stringify({ version: process.versions.node }));
    await symlink(process.execPath, join(node, 'bin/node'));
  }
  return {
    start: (args: readonly string[], node = process.execPath) =>
      spawn(node, [join(folder, 'bin/cc-executor.js'), ...args], {
        cwd: root,
        env: { PATH: dirname(node) },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

test('a Node that is new enough runs the command itself', async () => {
  await using installed = await install({ withNode: false });
  const { code, stdout } = await collect(installed.start(['a', '--b']));
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 5,
    version: process.version,
    args: ['a', '--b'],
  });
});

test('what was not built says so', async () => {
  await using installed = await install({ withNode: false, isBuilt: false });
  const { code, stderr } = await collect(installed.start([]));
  expect(code).toBe(1);
  expect(stderr).toContain('has not been built.\nIn its folder, run: ');
});

test.skipIf(oldNode === undefined)('an old Node hands over to the one of the node package', async () => {
  await using installed = await install({ withNode: true });
  const { code, stdout } = await collect(installed.start(['a', '--b'], oldNode));
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 5,
    version: process.version,
    args: ['a', '--b'],
  });
  const died = await collect(installed.start(['die'], oldNode));
  expect({ code: died.code, signal: died.signal }).toEqual({ code: null, signal: 'SIGKILL' });
});

test.skipIf(oldNode === undefined)('signals reach the command behind an old Node', async () => {
  await using installed = await install({ withNode: true });
  const child = installed.start(['wait'], oldNode);
  await readLines(child.stdout).next();
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(9);
});

test.skipIf(oldNode === undefined)('an old Node with no other one says what to install', async () => {
  await using installed = await install({ withNode: false });
  const { code, stdout, stderr } = await collect(installed.start([], oldNode));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^cc-executor needs Node 24\.12 or newer; this is v\d+\.\d+\.\d+\.\nInstall /);
});

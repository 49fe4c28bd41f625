import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { claimSocketPath } from './socket-path.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'socket-'));
const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Leaves a socket at the path with nobody behind it. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await readLines(child.stdout).next();
  // Not sooner: the socket lives as long as the last thread of the process.
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

test('where nothing is, nothing is to be done', async () => {
  await using directory = await temporary();
  await expect(claimSocketPath(join(directory.path, 'none'))).resolves.toBeUndefined();
});

test('the socket of a dead executor is removed', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 's');
  await leaveSocket(path);
  expect(await exists(path)).toBe(true);
  await claimSocketPath(path);
  expect(await exists(path)).toBe(false);
});

test('the socket of somebody who listens is refused and stays', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 's');
  await using server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('still here');
  });
  server.listen(path);
  await once(server, 'listening');
  await expect(claimSocketPath(path)).rejects.toThrow(`another program listens on the socket ${path}`);
  const client = connect(path);
  const [greeting] = (await once(client, 'data')) as [Buffer];
  client.destroy();
  expect(String(greeting)).toBe('still here');
});

test('a file that is no socket is refused and stays', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'thesis.txt');
  await writeFile(path, 'years of work');
  await expect(claimSocketPath(path)).rejects.toThrow(`${path} is not a socket`);
  expect(await readFile(path, 'utf8')).toBe('years of work');
});

test('a link to a file is refused and stays', async () => {
  await using directory = await temporary();
  const [file, link] = [join(directory.path, 'file'), join(directory.path, 'link')];
  await writeFile(file, '');
  await symlink(file, link);
  await expect(claimSocketPath(link)).rejects.toThrow('is not a socket');
  expect(await exists(link)).toBe(true);
});

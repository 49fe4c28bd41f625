import { mkdtempDisposable, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRuntimeFile, removeRuntimeFile, writeRuntimeFile, type RuntimeInfo } from './runtime-file.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'runtime-'));
const info: RuntimeInfo = {
  url: 'ws://127.0.0.1:8004/ws',
  socket: null,
  token: 'secret',
  pid: 42,
  startedAt: '2026-11-20T10:00:00.000Z',
  version: '0.1.0',
};

test('clients read what the executor wrote', async () => {
  await using directory = await temporary();
  await writeRuntimeFile(directory.path, info);
  expect(await readRuntimeFile(directory.path)).toEqual(info);
});

test('only its owner can read it, and nothing else is left in the folder', async () => {
  await using directory = await temporary();
  await writeRuntimeFile(directory.path, info);
  expect(await readdir(directory.path)).toEqual(['executor.json']);
  expect((await stat(join(directory.path, 'executor.json'))).mode & 0o777).toBe(0o600);
});

test('what an earlier executor left is replaced', async () => {
  await using directory = await temporary();
  await writeRuntimeFile(directory.path, info);
  await writeRuntimeFile(directory.path, { ...info, pid: 43, socket: '/run/s' });
  expect(await readRuntimeFile(directory.path)).toEqual({ ...info, pid: 43, socket: '/run/s' });
});

test('a link in its place is replaced, not followed', async () => {
  await using directory = await temporary();
  const target = join(directory.path, 'target');
  await writeFile(target, 'mine');
  await symlink(target, join(directory.path, 'executor.json'));
  await writeRuntimeFile(directory.path, info);
  expect(await readFile(target, 'utf8')).toBe('mine');
  expect(await readRuntimeFile(directory.path)).toEqual(info);
});

test.each(['', '{', 'null', '{"url":"ws://x"}', JSON.stringify({ ...info, pid: 'many' })])(
  'a file that says %j tells of no executor',
  async (content) => {
    await using directory = await temporary();
    await writeFile(join(directory.path, 'executor.json'), content);
    expect(await readRuntimeFile(directory.path)).toBeUndefined();
  },
);

test('without a file there is no executor, and removing none does no harm', async () => {
  await using directory = await temporary();
  await writeRuntimeFile(directory.path, info);
  await removeRuntimeFile(directory.path);
  await removeRuntimeFile(directory.path);
  expect(await readRuntimeFile(directory.path)).toBeUndefined();
  expect(await readdir(directory.path)).toEqual([]);
});

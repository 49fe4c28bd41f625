import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtempDisposable, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openStateDirectory, type StateDirectoryError } from './state-directory.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'state-'));
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
const error = (code: StateDirectoryError['code']) =>
  expect.objectContaining({ name: 'StateDirectoryError', code });

/** Another process that opens the directory, says how that went, and holds it until it is killed. */
function openElsewhere(path: string) {
  const module = new URL('./state-directory.ts', import.meta.url).href;
  const script = `
    const { openStateDirectory } = await import(${JSON.stringify(module)});
    try {
      globalThis.held = await openStateDirectory(${JSON.stringify(path)});
      console.log('held');
      setInterval(() => {}, 60_000);
    } catch (error) {
      console.log(error.code);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = readLines(child.stdout);
  const exit = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  return {
    answer: () => lines.next(),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

test('the directory and its folders are made for their owner only', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'deep/er');
  using state = await openStateDirectory(path);
  expect(state).toMatchObject({
    path,
    logsPath: join(path, 'logs'),
    scratchPath: join(path, 'scratch'),
  });
  const modes = await Promise.all([path, state.logsPath, state.scratchPath].map(modeOf));
  expect(modes).toEqual(['700', '700', '700']);
});

test('a directory that others could read is closed to them', async () => {
  await using directory = await temporary();
  await chmod(directory.path, 0o755);
  using state = await openStateDirectory(directory.path);
  expect(await modeOf(state.path)).toBe('700');
});

test('logs are kept, and what earlier jobs left in their scratch folders is not', async () => {
  await using directory = await temporary();
  await writeFile(join(directory.path, 'lock'), '');
  for (const folder of ['logs', 'scratch']) {
    await mkdir(join(directory.path, folder, 'job'), { recursive: true });
    await writeFile(join(directory.path, folder, 'job/secret.json'), '{}');
  }
  using state = await openStateDirectory(directory.path);
  expect([await readdir(state.logsPath), await readdir(state.scratchPath)]).toEqual([['job'], []]);
});

test('a second opener is turned away and takes nothing from the first', async () => {
  await using directory = await temporary();
  using state = await openStateDirectory(directory.path);
  await writeFile(join(state.scratchPath, 'in-use'), '');
  await expect(openStateDirectory(directory.path)).rejects.toEqual(error('inUse'));
  await using other = openElsewhere(directory.path);
  expect(await other.answer()).toBe('inUse');
  expect(await readdir(state.scratchPath)).toEqual(['in-use']);
});

test('the directory is free again when its holder lets go', async () => {
  await using directory = await temporary();
  (await openStateDirectory(directory.path))[Symbol.dispose]();
  await using other = openElsewhere(directory.path);
  expect(await other.answer()).toBe('held');
  await expect(openStateDirectory(directory.path)).rejects.toEqual(error('inUse'));
});

test('the directory is free again when its holder is killed', async () => {
  await using directory = await temporary();
  await using other = openElsewhere(directory.path);
  expect(await other.answer()).toBe('held');
  await other.kill();
  using state = await openStateDirectory(directory.path);
  expect(state.path).toBe(directory.path);
});

test.each(['', '/'])('a link to a directory is refused, also as "link%s"', async (end) => {
  await using directory = await temporary();
  const link = join(directory.path, 'link');
  await mkdir(join(directory.path, 'target'), { mode: 0o755 });
  await symlink(join(directory.path, 'target'), link);
  await expect(openStateDirectory(`${link}${end}`)).rejects.toEqual(error('notOurs'));
  expect(await readdir(join(directory.path, 'target'))).toEqual([]);
});

test('a path that cannot be a directory is unusable, with the cause', async () => {
  await using directory = await temporary();
  const file = join(directory.path, 'file');
  await writeFile(file, '');
  for (const path of [file, join(file, 'below')]) {
    await expect(openStateDirectory(path)).rejects.toEqual(error('unusable'));
  }
  await expect(openStateDirectory(file)).rejects.toHaveProperty('cause.code', 'EEXIST');
});

test('a lock file that is none is not taken for another executor', async () => {
  await using directory = await temporary();
  await writeFile(
    join(directory.path, 'lock'),
    'this is no database, and is long enough to show it'.repeat(40),
  );
  await expect(openStateDirectory(directory.path)).rejects.toEqual(error('unusable'));
});

test('a folder that holds other things is left as it is, also when a starter has been there', async () => {
  await using directory = await temporary();
  for (const name of ['mine', 'start-lock', 'executor.log']) await writeFile(join(directory.path, name), '');
  await chmod(directory.path, 0o755);
  await expect(openStateDirectory(directory.path)).rejects.toMatchObject({ code: 'notOurs' });
  expect((await stat(directory.path)).mode & 0o777).toBe(0o755);
});

test.each([
  [
    'a link',
    async (logs: string) => {
      await rm(logs, { recursive: true });
      await symlink(tmpdir(), logs);
    },
  ],
  ['writable by others', (logs: string) => chmod(logs, 0o770)],
])('a folder of logs that is %s is refused', async (_, spoil) => {
  await using directory = await temporary();
  const path = join(directory.path, 'state');
  {
    using _state = await openStateDirectory(path);
  }
  await spoil(join(path, 'logs'));
  await expect(openStateDirectory(path)).rejects.toMatchObject({ code: 'notOurs' });
});

test('a state directory that others could write to is refused, and how to mend it is said', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'state');
  {
    using _state = await openStateDirectory(path);
  }
  await chmod(path, 0o777);
  await expect(openStateDirectory(path)).rejects.toMatchObject({
    code: 'notOurs',
    message: expect.stringContaining(`chmod 700 ${path}`),
  });
});

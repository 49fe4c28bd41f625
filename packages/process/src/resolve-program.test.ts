import { chmod, mkdir, mkdtempDisposable, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveProgram } from './resolve-program.ts';

async function folder() {
  const directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'resolve-'));
  return {
    path: directory.path,
    program: async (name: string, mode = 0o755): Promise<string> => {
      const file = join(directory.path, name);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, '#!/bin/sh\n');
      await chmod(file, mode);
      return file;
    },
    [Symbol.asyncDispose]: () => directory.remove(),
  };
}

test('a bare name is found in the first entry of PATH that has it', async () => {
  await using box = await folder();
  await box.program('second/tool');
  const file = await box.program('first/tool');
  const path = `${box.path}/empty:${box.path}/first:${box.path}/second`;
  expect(await resolveProgram('tool', { path, cwd: '/' })).toEqual({ file, argv0: 'tool' });
});

test('links are followed, and the name that was asked for is kept', async () => {
  await using box = await folder();
  const file = await box.program('multi');
  await symlink('multi', join(box.path, 'ls'));
  expect(await resolveProgram('ls', { path: box.path, cwd: '/' })).toEqual({ file, argv0: 'ls' });
});

test('a name with a slash is relative to cwd and not looked up in PATH', async () => {
  await using box = await folder();
  const file = await box.program('bin/tool');
  expect(await resolveProgram('bin/tool', { path: '', cwd: box.path })).toEqual({ file, argv0: 'bin/tool' });
  await expect(resolveProgram('./tool', { path: join(box.path, 'bin'), cwd: '/' })).rejects.toMatchObject({
    code: 'programNotFound',
  });
});

test('an absolute name needs no PATH', async () => {
  await using box = await folder();
  const file = await box.program('tool');
  expect(await resolveProgram(file, { path: '', cwd: '/' })).toEqual({ file, argv0: file });
});

test.each(['.', '', 'bin', '::', './bin'])('the PATH %j does not reach into cwd', async (path) => {
  await using box = await folder();
  await box.program('tool');
  await box.program('bin/tool');
  await expect(resolveProgram('tool', { path, cwd: box.path })).rejects.toMatchObject({
    code: 'programNotFound',
    details: { program: 'tool' },
  });
});

test('a file that is not executable does not hide a later one that is', async () => {
  await using box = await folder();
  await box.program('first/tool', 0o644);
  const file = await box.program('second/tool');
  const path = `${box.path}/first:${box.path}/second`;
  expect(await resolveProgram('tool', { path, cwd: '/' })).toEqual({ file, argv0: 'tool' });
});

test('a file that is not executable is named when there is no other', async () => {
  await using box = await folder();
  const file = await box.program('tool', 0o644);
  await expect(resolveProgram('tool', { path: box.path, cwd: '/' })).rejects.toMatchObject({
    code: 'programNotExecutable',
    details: { program: 'tool', file },
  });
});

test('a directory is no program', async () => {
  await using box = await folder();
  await mkdir(join(box.path, 'tool'));
  await expect(resolveProgram('tool', { path: box.path, cwd: '/' })).rejects.toMatchObject({
    code: 'programNotExecutable',
  });
});

test.each(['', 'no-such-program', '/no/such/program'])('the program %j is not found', async (name) => {
  await expect(resolveProgram(name, { path: '/usr/bin:/bin', cwd: '/' })).rejects.toMatchObject({
    code: 'programNotFound',
  });
});

test('NUL in a name and a relative cwd are refused', async () => {
  await expect(resolveProgram('a\0b', { path: '', cwd: '/' })).rejects.toMatchObject({ code: 'badArgument' });
  await expect(resolveProgram('ls', { path: '/bin', cwd: '.' })).rejects.toMatchObject({
    code: 'badArgument',
  });
});

import { mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureSpec } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openTestHost } from '../test-host.ts';

/** A PATH in which there are just these programs: links to real ones, or scripts. */
async function pathOf(programs: Record<string, string>): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'path-'));
  for (const [name, content] of Object.entries(programs)) {
    const file = join(folder.path, name);
    if (content.startsWith('#!')) await writeFile(file, content, { mode: 0o755 });
    else await symlink(content, file);
  }
  return folder;
}

const perl = '/usr/bin/perl';

test.each([
  ['no bwrap', { perl }, 'bwrap is not installed'],
  ['no perl', { bwrap: '/usr/bin/bwrap' }, 'perl is not installed'],
  [
    'a kernel that refuses',
    {
      perl,
      bwrap: '#!/bin/sh\necho "bwrap: Creating new namespace failed: Operation not permitted" >&2; exit 1\n',
    },
    'Creating new namespace failed: Operation not permitted',
  ],
  ['a bwrap that dies', { perl, bwrap: '#!/bin/sh\nkill -KILL $$\n' }, 'bwrap ended with SIGKILL'],
  ['a bwrap that makes no namespace', { perl, bwrap: '#!/bin/sh\nexit 0\n' }, 'bwrap ended with 0'],
] as const)('with %s trees are portable, and the host says why', async (_, programs, reason) => {
  await using folder = await pathOf(programs);
  await using host = await openTestHost({ containment: 'prefer', path: folder.path });
  expect(host.containment).toBe('portable');
  expect(host.containmentReason).toContain(reason);
  const tree = await host.spawn(fixtureSpec('exits-with.sh', ['7']));
  expect(await tree.exited).toEqual({ code: 7, signal: null });
});

test('where namespaces are required and cannot be had there is no host', async () => {
  await using folder = await pathOf({ perl });
  await expect(openTestHost({ containment: 'require', path: folder.path })).rejects.toMatchObject({
    code: 'containmentUnavailable',
    message: expect.stringContaining('bwrap is not installed'),
  });
});

test('where namespaces can be had a tree may still ask for the portable way', async () => {
  await using host = await openTestHost({ containment: 'require' });
  expect([host.containment, host.containmentReason]).toEqual(['pidns', undefined]);
  const spec = fixtureSpec('prints-arguments.mjs');
  const inside = await host.spawn({ ...spec, file: '/bin/sh', args: ['-c', 'exit $$'] });
  // The warden is the first process there.
  expect(await inside.exited).toEqual({ code: 2, signal: null });
  const outside = await host.spawn({ ...spec, id: 'outside', containment: 'portable' });
  expect((await outside.members())[0]?.pid).toBe(outside.pid);
});

test('without perl a gate is a shell, which hands on what matters', async () => {
  await using folder = await pathOf({});
  await using host = await openTestHost({ path: folder.path });
  const spec = fixtureSpec('prints-arguments.mjs');
  const args = ['', 'two words', '$HOME', '*', 'ü', '-n'];
  const tree = await host.spawn({ ...spec, args, env: { ...spec.env, PERL5OPT: '-d' } });
  const chunks = await tree.stdout.setEncoding('utf8').toArray();
  expect(JSON.parse(chunks.join(''))).toMatchObject({ args });
  expect(await tree.exited).toEqual({ code: 0, signal: null });
});

test('without perl a command has the environment and the marks of its spec', async () => {
  await using folder = await pathOf({});
  await using host = await openTestHost({ path: folder.path, instanceId: 'no-perl' });
  const spec = fixtureSpec('prints-environment.mjs');
  const tree = await host.spawn({ ...spec, env: { ...spec.env, LC_ALL: 'xx_YY.UTF-8' } });
  const chunks = await tree.stdout.setEncoding('utf8').toArray();
  expect(JSON.parse(chunks.join(''))).toMatchObject({
    ...spec.env,
    LC_ALL: 'xx_YY.UTF-8',
    CC_EXECUTOR_TREE_ID: spec.id,
    CC_EXECUTOR_INSTANCE_ID: 'no-perl',
  });
});

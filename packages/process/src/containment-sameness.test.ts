import { spawn } from 'node:child_process';
import { mkdtempDisposable, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fixture, fixtureSpec, readLines } from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { openTestHost } from './test-host.ts';
import { findTiers, openTier } from './test-tiers.ts';

// What a program sees of its start, and what is seen of its end, does not tell the tiers apart.
const tiers = await findTiers();

describe.each(tiers)('%s', (tier) => {
  test.each([0, 1, 7, 137, 143])('exit code %i is a code', async (code) => {
    await using host = await openTier(tier);
    const tree = await host.spawn(fixtureSpec('exits-with.sh', [String(code)]));
    expect(await tree.exited).toEqual({ code, signal: null });
    await tree.empty();
  });

  test.each(['TERM', 'KILL', 'INT', 'PIPE', 'SEGV'])('a death by SIG%s is a signal', async (name) => {
    await using host = await openTier(tier);
    const tree = await host.spawn(fixtureSpec('dies-by-signal.sh', [name]));
    expect(await tree.exited).toEqual({ code: null, signal: `SIG${name}` });
    await tree.empty();
  });

  test('arguments, own name and working directory arrive as given', async () => {
    await using host = await openTier(tier);
    await using directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'tier-'));
    const args = ['', 'two words', '$HOME', '*', 'ü', '--', '-c', '\n'];
    const tree = await host.spawn({
      ...fixtureSpec('prints-arguments.mjs'),
      file: process.execPath,
      argv0: '-another name',
      args: [fixture('prints-arguments.mjs'), ...args],
      cwd: directory.path,
    });
    expect(JSON.parse(await text(tree.stdout))).toEqual({
      argv0: '-another name',
      args,
      cwd: directory.path,
    });
  });

  test('the environment is what was given and the markers, nothing else', async () => {
    await using host = await openTestHost({
      instanceId: 'instance',
      containment: tier === 'pidns' ? 'require' : 'portable',
    });
    process.env['LEAKED_BY_TEST'] = 'yes';
    const spec = fixtureSpec('prints-environment.mjs');
    const env = {
      ...spec.env,
      EMPTY: '',
      LINES: 'a\nb',
      'odd.name': '1',
      PERL5OPT: '-d',
      BASH_ENV: '/dev/null',
    };
    const tree = await host.spawn({ ...spec, env });
    expect(JSON.parse(await text(tree.stdout))).toEqual({
      ...env,
      CC_EXECUTOR_TREE_ID: spec.id,
      CC_EXECUTOR_INSTANCE_ID: 'instance',
    });
  });

  test('without a pipe stdin has ended, with one it carries what is written and then ends', async () => {
    await using host = await openTier(tier);
    const spec = fixtureSpec('reads-stdin.mjs');
    const none = await host.spawn(spec);
    expect([none.stdin, await text(none.stdout)]).toEqual([null, 'end after 0 bytes\n']);
    const piped = await host.spawn({ ...spec, id: 'piped', stdin: 'pipe' });
    piped.stdin?.end('héllo\n');
    expect(await text(piped.stdout)).toBe('héllo\nend after 7 bytes\n');
  });

  test('writing to a program that has closed its stdin is EPIPE', async () => {
    await using host = await openTier(tier);
    const tree = await host.spawn({ ...fixtureSpec('closes-stdin.sh'), stdin: 'pipe' });
    expect(await readLines(tree.stdout).next()).toBe('ready');
    const error = await new Promise((resolve) => tree.stdin?.write('x', resolve));
    expect(error).toMatchObject({ code: 'EPIPE' });
  });

  test('a program finds the open files and the signals that a bare spawn gives', async () => {
    await using host = await openTier(tier);
    const script = 'echo /proc/self/fd/*; grep -E "^Sig(Blk|Ign)" /proc/self/status';
    const args = ['-c', script];
    const tree = await host.spawn({ ...fixtureSpec('exits-with.sh'), file: '/bin/sh', args });
    const bare = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [actual, expected] = await Promise.all([text(tree.stdout), text(bare.stdout)]);
    expect(actual).toBe(expected);
  });

  test('a program leads its group, in a session without a terminal that is not ours', async () => {
    await using host = await openTier(tier);
    // In a namespace the session is that of the namespace's first process; 0 would be one from outside.
    const script = [
      'read -r pid _ _ _ group session terminal _ < /proc/self/stat',
      'case $session in $pid | 1) session=own ;; esac',
      'echo $((pid - group)) $session $terminal',
    ].join('\n');
    const tree = await host.spawn({
      ...fixtureSpec('exits-with.sh'),
      file: '/bin/bash',
      args: ['-c', script],
    });
    expect(await text(tree.stdout)).toBe('0 own 0\n');
  });
});

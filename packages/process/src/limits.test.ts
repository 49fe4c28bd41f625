import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { fixtureSpec } from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import type { ResourceLimits } from './resource-limits.ts';
import { openTestHost } from './test-host.ts';
import { findTiers, openTier } from './test-tiers.ts';

const shell = (script: string, limits: ResourceLimits) => ({
  ...fixtureSpec('exits-with.sh'),
  file: '/bin/bash',
  args: ['-c', script],
  limits,
});

describe.each(await findTiers())('%s', (tier) => {
  test('every limit reaches the command and what it starts, and none can be raised again', async () => {
    await using host = await openTier(tier);
    const limits = { openFiles: 64, coreBytes: 0, fileBytes: 4096, cpuSeconds: 5, dataBytes: 2 ** 29 };
    const tree = await host.spawn(
      shell('/bin/bash -c "ulimit -Hn; ulimit -Hc; ulimit -Hf; ulimit -St; ulimit -Ht; ulimit -Hd"', limits),
    );
    // bash counts files in blocks of 1024 bytes, and data in kilobytes.
    expect(await text(tree.stdout)).toBe('64\n0\n4\n5\n6\n524288\n');
  });

  test('a file that grows beyond its limit ends the program with SIGXFSZ', async () => {
    await using host = await openTier(tier);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'limits-'));
    const tree = await host.spawn(
      shell(`exec head -c 100000 /dev/zero > ${join(folder.path, 'file')}`, { fileBytes: 4096 }),
    );
    expect(await tree.exited).toEqual({ code: null, signal: 'SIGXFSZ' });
  });

  test('a program that computes too long is ended by SIGXCPU', async () => {
    await using host = await openTier(tier);
    const tree = await host.spawn(shell('while :; do :; done', { cpuSeconds: 1 }));
    expect(await tree.exited).toEqual({ code: null, signal: 'SIGXCPU' });
  });

  test('no limits are no limits', async () => {
    await using host = await openTier(tier);
    const plain = await host.spawn(shell('ulimit -Hn', {}));
    const other = await host.spawn({ ...shell('ulimit -Hn', {}), limits: { coreBytes: 0 } });
    expect(await text(plain.stdout)).toBe(await text(other.stdout));
  });

  test('limits that the system refuses keep the command from beginning, and leave nobody', async () => {
    await using host = await openTier(tier);
    await expect(
      host.spawn(shell('echo begun', { openFiles: Number.MAX_SAFE_INTEGER })),
    ).rejects.toMatchObject({ code: 'limitsUnavailable', message: expect.stringContaining('prlimit') });
    const tree = await host.spawn(shell('exit 3', { openFiles: 100 }));
    expect(await tree.exited).toEqual({ code: 3, signal: null });
  });
});

test('without prlimit a host says so, and refuses limits rather than ignoring them', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'path-'));
  await using host = await openTestHost({ path: folder.path });
  expect(host.limitsReason).toContain('prlimit is not installed');
  await expect(host.spawn(shell('exit 0', { coreBytes: 0 }))).rejects.toMatchObject({
    code: 'limitsUnavailable',
  });
});

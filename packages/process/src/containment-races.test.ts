import { fixtureSpec, readLines } from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { findTiers, openTier } from './test-tiers.ts';

const tiers = await findTiers();

describe.each(tiers)('%s', (tier) => {
  test('a group that is already gone takes every control and stays gone', async () => {
    await using host = await openTier(tier);
    const tree = await host.spawn(fixtureSpec('exits-with.sh', ['3']));
    await tree.empty();
    await Promise.all([tree.pause(), tree.resume(), tree.interrupt()]);
    await Promise.all([tree.stop({ graceMs: 60_000 }), tree.stop({ graceMs: 0 })]);
    expect([await tree.members(), tree.isPaused]).toEqual([[], false]);
    expect(await tree.exited).toEqual({ code: 3, signal: null });
  });

  test('a leader that somebody else has killed is gone', async () => {
    await using host = await openTier(tier);
    const tree = await host.spawn(fixtureSpec('prints-nothing.sh'));
    process.kill(tree.pid, 'SIGKILL');
    expect(await tree.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await tree.stop({ graceMs: 60_000 });
    expect(await tree.members()).toEqual([]);
  });

  test('signals that race the exit harm nobody', async () => {
    await using host = await openTier(tier);
    for (let round = 0; round < 10; round += 1) {
      const tree = await host.spawn(fixtureSpec('exits-with.sh'));
      await Promise.all([tree.interrupt(), tree.pause(), tree.interrupt(), tree.resume()]);
      await tree.stop({ graceMs: 0 });
      expect([
        { code: 0, signal: null },
        { code: null, signal: 'SIGINT' },
        { code: null, signal: 'SIGKILL' },
      ]).toContainEqual(await tree.exited);
      expect(await tree.members()).toEqual([]);
    }
  });

  test('a stop that races the start of the program leaves nobody', async () => {
    await using host = await openTier(tier);
    for (const graceMs of [0, 200, 0, 200]) {
      // Who is born while the others are asked is not asked, but killed after the grace.
      const tree = await host.spawn(fixtureSpec('spawns-grandchild.sh'));
      await tree.stop({ graceMs });
      expect(await tree.members()).toEqual([]);
    }
  });

  test.each([
    [60_000, 0],
    [0, 60_000],
    [60_000, 50],
  ])('two stops at once with graces of %d and %d ms end by the shorter', async (one, other) => {
    await using host = await openTier(tier);
    const tree = await host.spawn(fixtureSpec('ignores-sigterm.sh'));
    expect(await readLines(tree.stdout).next()).toBe('ready');
    await Promise.all([tree.stop({ graceMs: one }), tree.stop({ graceMs: other })]);
    expect(await tree.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await tree.members()).toEqual([]);
  });

  test.each([-1, Number.NaN, Number.NEGATIVE_INFINITY])(
    '%d is refused as a grace, and changes nothing',
    async (graceMs) => {
      await using host = await openTier(tier);
      const tree = await host.spawn(fixtureSpec('prints-nothing.sh'));
      await expect(tree.stop({ graceMs })).rejects.toMatchObject({ code: 'badArgument' });
      expect(await tree.members()).toMatchObject([{ pid: tree.pid, isStopped: false }]);
    },
  );
});

import {
  beatingPrograms,
  fixtureSpec,
  openHeartbeatFolder,
  type HeartbeatFolder,
} from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { ProcessError } from './errors.ts';
import { findTiers, openTier } from './test-tiers.ts';
import type { Tree } from './tree.ts';

const tiers = await findTiers();
const withinMs = 150;

describe.each(tiers)('%s', (tier) => {
  describe.each(beatingPrograms)('$name', ({ name, left, mayEscape }) => {
    const isAllowedToEscape = mayEscape && tier === 'portable';

    /** Who is left and should not be: who beats, who stands still, whom the tree knows of. */
    async function findLeft(folder: HeartbeatFolder, tree: Tree): Promise<unknown[]> {
      const beating = await folder.beating({ withinMs });
      if (isAllowedToEscape) return beating.filter((role) => role !== left);
      await tree.empty();
      return [...beating, ...(await folder.named()), ...(await tree.members())];
    }

    /** One that is not caught in ten seconds is not stopped, and the stop says so. */
    async function stop(tree: Tree, graceMs: number): Promise<void> {
      try {
        await tree.stop({ graceMs });
      } catch (error) {
        const isNotCaught = error instanceof ProcessError && error.code === 'treeNotEmpty';
        if (!isNotCaught || !isAllowedToEscape) throw error;
      }
    }

    test.each([0, 200])('nobody is left by a stop with a grace of %d ms', async (graceMs) => {
      await using host = await openTier(tier);
      await using folder = await openHeartbeatFolder();
      const tree = await host.spawn(fixtureSpec(name, [folder.path]));
      await folder.untilBeaten(['leader', left]);
      await stop(tree, graceMs);
      expect(await findLeft(folder, tree)).toEqual([]);
    });

    test('nobody is left by a stop after the end of the leader', async () => {
      await using host = await openTier(tier);
      await using folder = await openHeartbeatFolder();
      const tree = await host.spawn(fixtureSpec(name, [folder.path, 'leave']));
      expect(await tree.exited).toEqual({ code: 0, signal: null });
      await stop(tree, 0);
      expect(await findLeft(folder, tree)).toEqual([]);
    });

    test('nobody is left by the end of the host', async () => {
      await using folder = await openHeartbeatFolder();
      const host = await openTier(tier);
      const tree = await host.spawn(fixtureSpec(name, [folder.path]));
      await folder.untilBeaten(['leader', left]);
      await host[Symbol.asyncDispose]();
      expect(await findLeft(folder, tree)).toEqual([]);
    });
  });
});

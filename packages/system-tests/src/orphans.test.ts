import { expect, test } from 'vitest';
import { runTrials } from '../soak/run-trials.ts';
import { findFaults } from '../soak/verdict.ts';
import { findTiers } from './tiers.ts';

// A small piece of `pnpm soak:orphans`, with the same programs and instants each time.
test(
  'nobody outlives a kill -9 of the executor, of its guardian, or of both',
  { timeout: 300_000 },
  async () => {
    const results = await runTrials({ trials: 20, tiers: await findTiers(), seed: 7 });
    expect(findFaults(results)).toEqual([]);
  },
);

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

const program = { name: 'program.sh', left: 'daemon', mayEscape: false } as const;
const trial = {
  tier: 'portable',
  victim: 'both',
  program,
  isLeaving: false,
  isWarm: true,
  instantMs: 1,
} as const;
const clean = {
  trial,
  phase: 'after',
  atOnce: ['daemon'],
  survivors: [],
  cleanMs: 1,
  keepersLeft: 0,
} as const;
const early = { ...clean, phase: 'before' } as const;
const hopping = { ...trial, program: { ...program, mayEscape: true } };

test.each([
  { what: 'nobody', results: [early, clean], faults: 0 },
  { what: 'a survivor', results: [early, { ...clean, survivors: ['daemon'] }], faults: 1 },
  { what: 'one that stands still', results: [early, { ...clean, survivors: ['standing'] }], faults: 1 },
  { what: 'one that may', results: [early, { ...clean, trial: hopping, survivors: ['daemon'] }], faults: 0 },
  { what: 'its leader', results: [early, { ...clean, trial: hopping, survivors: ['leader'] }], faults: 1 },
  {
    what: 'one that may, but not out of a namespace',
    results: [early, { ...clean, trial: { ...hopping, tier: 'pidns' as const }, survivors: ['daemon'] }],
    faults: 1,
  },
  { what: 'a guardian', results: [early, { ...clean, keepersLeft: 1 }], faults: 1 },
  { what: 'only late kills', results: [clean, clean], faults: 1 },
  {
    what: 'too many that are void',
    results: [early, clean, { ...clean, phase: 'void' as const }],
    faults: 1,
  },
  { what: 'no trials', results: [], faults: 2 },
])('the verdict on a soak that leaves $what has $faults faults', ({ results, faults }) => {
  expect(findFaults(results)).toHaveLength(faults);
});

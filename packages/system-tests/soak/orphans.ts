import { parseArgs } from 'node:util';
import type { OwnerTask } from './owner-task.ts';
import { runTrials } from './run-trials.ts';
import { formatTable } from './table.ts';
import { findFaults } from './verdict.ts';

const usage = 'Usage: pnpm soak:orphans [--trials 200] [--tier pidns|portable|both] [--seed N]';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '200' },
    tier: { type: 'string', default: 'both' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const trials = Number(values.trials);
const seed = Number(values.seed);
const tiers = tiersOf(values.tier);
if (tiers === undefined || !Number.isSafeInteger(trials) || trials < 1 || !Number.isSafeInteger(seed)) {
  console.error(usage);
  process.exit(2);
}

console.log(`Soak for orphans: ${trials} trials, seed ${seed}, Node ${process.versions.node}`);
const results = await runTrials({
  trials,
  tiers,
  seed,
  onResult: (result, count) => {
    if (result.phase === 'void') console.log(`  trial ${count} is void: ${result.reason}`);
    if (count % 25 === 0) console.log(`  ${count} done`);
  },
});
console.log(`
Kills by SIGKILL before and after the gate opened; who was left: at once after both had died, and in the end
(after the guardian had gone; when both had died, after the start of another executor with the same journal).

${formatTable(results)}
`);
const faults = findFaults(results);
for (const fault of faults) console.log(`FAULT: ${fault}`);
console.log(faults.length === 0 ? 'Passed.' : `Failed; the same again with --seed ${seed}.`);
process.exitCode = faults.length === 0 ? 0 : 1;

function tiersOf(name: string): OwnerTask['tier'][] | undefined {
  if (name === 'both') return ['portable', 'pidns'];
  return name === 'pidns' || name === 'portable' ? [name] : undefined;
}

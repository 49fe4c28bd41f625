import { parseArgs } from 'node:util';
import { measuredCommand } from '../bench/executor-under-test.ts';
import { kills } from './output/kills.ts';
import { laggingTail } from './output/lagging-tail.ts';
import { manyJobs } from './output/many-jobs.ts';
import type { OutputSoakSizes, SoakPart } from './output/soak-part.ts';
import { stalledClient } from './output/stalled-client.ts';
import { createRandom } from './random.ts';

const parts: readonly SoakPart[] = [stalledClient, manyJobs, laggingTail, kills];
const names = parts.map(({ name }) => name).join('|');
const usage = `Usage: pnpm soak:output [--quick] [--part ${names}] [--seed N]`;

const whole: OutputSoakSizes = {
  stalledBytes: 1024 ** 3,
  stallMs: 20_000,
  jobs: 100,
  bytesPerJob: 50e6,
  tailBytes: 10e9,
  kills: 50,
};
/** About a minute in all. */
const quick: OutputSoakSizes = {
  stalledBytes: 128 * 1024 ** 2,
  stallMs: 3_000,
  jobs: 20,
  bytesPerJob: 20e6,
  tailBytes: 1e9,
  kills: 4,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    part: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const chosen = parts.filter(({ name }) => values.part === undefined || name === values.part);
if (chosen.length === 0 || !Number.isSafeInteger(seed)) {
  console.error(usage);
  process.exit(2);
}
if (process.platform !== 'linux') {
  console.error('It reads memory and processor time of processes from /proc, which only Linux has.');
  process.exit(2);
}

console.log(
  `Soak of output: seed ${seed}, Node ${process.versions.node}; executors run by ${measuredCommand.origin}`,
);
const faults: string[] = [];
for (const part of chosen) {
  console.log(`\n${part.title}`);
  // Each with its own numbers, so that one alone repeats what it did among all.
  const report = await part.run({ sizes: values.quick ? quick : whole, random: createRandom(seed) });
  for (const fact of report.facts) console.log(`  ${fact}`);
  for (const fault of report.faults) console.log(`  FAULT: ${fault}`);
  faults.push(...report.faults);
}
console.log(faults.length === 0 ? '\nPassed.' : `\nFailed; the same again with --seed ${seed}.`);
process.exitCode = faults.length === 0 ? 0 : 1;

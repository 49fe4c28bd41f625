import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTiers } from '../src/tiers.ts';
import { benchClaudeOverhead } from './claude-overhead.ts';
import { benchCommandRoundTrip } from './command-round-trip.ts';
import { measuredCommand } from './executor-under-test.ts';
import { benchFirstByte } from './first-byte.ts';
import { benchOutputThroughput } from './output-throughput.ts';
import { benchPauseLatency } from './pause-latency.ts';

// Figures are medians of rounds taken in turns with their baseline in one run; only the ratios compare.
const folder = await mkdtemp(join(tmpdir(), 'ccx-bench-'));
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores; commands run by ${measuredCommand.origin}`,
);
try {
  const tiers = await findTiers();
  for (const tier of tiers) await benchCommandRoundTrip(tier);
  for (const tier of tiers) await benchPauseLatency(tier);
  for (const tier of tiers) await benchOutputThroughput(tier);
  for (const tier of tiers) await benchFirstByte(tier);
  await benchClaudeOverhead(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}

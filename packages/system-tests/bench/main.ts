import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchClaudeOverhead } from './claude-overhead.ts';
import { benchCommandRoundTrip } from './command-round-trip.ts';

// Figures are medians of rounds taken in turns with their baseline in one run; only the ratios compare.
const folder = await mkdtemp(join(tmpdir(), 'ccx-bench-'));
console.log(`Node ${process.versions.node}, ${cpus().length} cores`);
try {
  await benchCommandRoundTrip(folder);
  await benchClaudeOverhead(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tier } from '../src/tiers.ts';
import { startExecutorUnderTest } from './executor-under-test.ts';
import { row, Samples } from './samples.ts';

const WARM_UP_ROUNDS = 20;
const ROUNDS = 200;
const ENDED_JOBS = 1_000;

/** A job of `/bin/true` over a bare Node spawn of it, in turns. */
export async function benchCommandRoundTrip(tier: Tier): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ccx-bench-'));
  const before = countProcesses();
  await using tested = await startExecutorUnderTest(folder.path, tier);
  const { client } = tested;
  const bare = new Samples();
  const exited = new Samples();
  const closed = new Samples();
  let during = 0;
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const isCounted = round >= WARM_UP_ROUNDS;
    const bareStart = performance.now();
    await once(spawn('/bin/true', { stdio: ['ignore', 'pipe', 'pipe'] }), 'exit');
    if (isCounted) bare.add(performance.now() - bareStart);

    const start = performance.now();
    const job = await client.startJob({ kind: 'command', cwd: '/', argv: ['/bin/true'] });
    for await (const entry of job.entries()) {
      if (isCounted && entry.type === 'exited') exited.add(performance.now() - start);
      if (isCounted && entry.type === 'closed') closed.add(performance.now() - start);
    }
    if (round === WARM_UP_ROUNDS) during = countProcesses();
  }
  for (let ended = WARM_UP_ROUNDS + ROUNDS; ended < ENDED_JOBS; ended += 1) {
    const job = await client.startJob({ kind: 'command', cwd: '/', argv: ['/bin/true'] });
    for await (const entry of job.entries()) if (entry.type === 'closed') break;
  }
  const { rssBytes, jobs } = await client.call('executor/status', {});
  console.log(`\nA job of /bin/true over a bare spawn (${tier})`);
  console.log(row('  start to exited', exited, bare));
  console.log(row('  start to closed', closed, bare));
  const ownMegabytes = Math.round(process.memoryUsage.rss() / 1024 / 1024);
  console.log(`  resident memory of this process, which spawns bare: ${ownMegabytes} MB`);
  console.log(`  processes on the machine: ${before} before the executor, ${during} between two jobs`);
  console.log(
    `  resident memory of the executor after ${jobs.ended} jobs: ${Math.round(rssBytes / 2 ** 20)} MB`,
  );
}

/** How much there is to look through for whoever walks the process table. */
function countProcesses(): number {
  return process.platform === 'linux'
    ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length
    : Number.NaN;
}

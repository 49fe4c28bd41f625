import { spawn } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tier } from '../src/tiers.ts';
import { startExecutorUnderTest } from './executor-under-test.ts';
import { row, Samples } from './samples.ts';
import { CHILDREN, fiftyChildren, machineMs, openTickFolder, type TickFolder } from './tick-folder.ts';

const WARM_UP_ROUNDS = 2;
const ROUNDS = 20;
/** Long enough to see a child that still runs, in milliseconds. */
const SETTLE_MS = 60;

/** A way to stop and continue 50 children. */
interface Pausing {
  readonly folder: TickFolder;
  readonly pause: () => unknown;
  readonly resume: () => unknown;
  readonly lastTick: Samples;
  readonly done: Samples;
}

/** `job/pause` of a job with 50 ticking children over a loop that signals 50 known pids, in turns. */
export async function benchPauseLatency(tier: Tier): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ccx-bench-'));
  await using ofJob = await openTickFolder();
  await using ofBare = await openTickFolder();
  await using tested = await startExecutorUnderTest(folder.path, tier);
  const { client } = tested;
  const argv = ['perl', fiftyChildren, ofJob.path];
  const { jobId } = await client.startJob({ kind: 'command', cwd: '/', argv, attach: false });
  const bare = spawn(fiftyChildren, [ofBare.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: bare.stdout }), 'line')) as [string];
  const pids = line.split(' ').slice(1).map(Number);
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const pid of pids) process.kill(pid, signal);
  };

  const loop: Pausing = {
    folder: ofBare,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    lastTick: new Samples(),
    done: new Samples(),
  };
  const job: Pausing = {
    folder: ofJob,
    pause: () => client.control(jobId, 'pause'),
    resume: () => client.control(jobId, 'resume'),
    lastTick: new Samples(),
    done: new Samples(),
  };
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const way of [loop, job]) await pauseOnce(way, round >= WARM_UP_ROUNDS);
  }
  console.log(`\nA pause of ${CHILDREN} children that tick every 5 ms over SIGSTOP to known pids (${tier})`);
  console.log(row('  request to the last tick of any', job.lastTick, loop.lastTick));
  console.log(row('  request to reply', job.done, loop.done));
}

/** Fails when a child runs on after the pause, or does not run on after the resume. */
async function pauseOnce(
  { folder, pause, resume, lastTick, done }: Pausing,
  isCounted: boolean,
): Promise<void> {
  await folder.untilAllTicked(machineMs());
  const startMs = machineMs();
  await pause();
  const doneMs = machineMs();
  await sleep(SETTLE_MS);
  const lastMs = await folder.lastTickMs();
  await sleep(SETTLE_MS);
  if ((await folder.lastTickMs()) !== lastMs) throw new Error('A child goes on ticking after the pause.');
  const resumedMs = machineMs();
  await resume();
  await folder.untilAllTicked(resumedMs);
  if (!isCounted) return;
  // Nobody may have had the time to tick after the request; the tick before it then is not a time of ours.
  lastTick.add(Math.max(0, lastMs - startMs));
  done.add(doneMs - startMs);
}

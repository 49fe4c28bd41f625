import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHeartbeatFolder } from '@cc-executor/testkit';
import { startOwner } from './owner-process.ts';
import { machineMs, type OwnerTask } from './owner-task.ts';
import type { Random } from './random.ts';

/** How long the phases of a start take on this machine, in milliseconds. */
export interface Phases {
  /** From the call of `spawn` to the opening of the gate, at least. */
  readonly shortestStartMs: number;
  /** The same, at most. */
  readonly longestStartMs: number;
  /** From there until everybody beats, at most. */
  readonly longestRiseMs: number;
}

const warmUps = 4;

/** Starts a few trees that nobody kills. */
export async function measurePhases(tier: OwnerTask['tier']): Promise<Phases> {
  const starts: number[] = [];
  const rises: number[] = [];
  for (let round = 0; round < warmUps; round += 1) {
    await using folder = await openHeartbeatFolder();
    await using journal = await mkdtempDisposable(join(tmpdir(), 'soak-'));
    await using owner = startOwner({
      tier,
      instanceId: randomUUID(),
      journalPath: join(journal.path, 'journal'),
      program: { name: 'beats-and-forks.sh', args: [folder.path] },
    });
    const spawning = await owner.waitFor('spawning');
    const started = await owner.waitFor('started');
    if (spawning === undefined || started === undefined) {
      const said = JSON.stringify(owner.reports);
      await owner[Symbol.asyncDispose]();
      throw new Error(`An owner of the tier ${tier} did not start: ${said} ${await owner.errors}`);
    }
    await folder.untilBeaten(['leader', 'child']);
    starts.push(started.atMs - spawning.atMs);
    rises.push(machineMs() - started.atMs);
  }
  return {
    shortestStartMs: Math.min(...starts),
    longestStartMs: Math.max(...starts),
    longestRiseMs: Math.max(...rises),
  };
}

/** A random time after the call of `spawn`, which falls most likely before or after the opening of the gate. */
export function drawInstantMs(random: Random, phases: Phases, aim: 'before' | 'after'): number {
  if (aim === 'before') return random() * phases.shortestStartMs;
  return phases.longestStartMs + random() * 1.5 * phases.longestRiseMs;
}

/** Resolves at that time, as exactly as it can be done: timers are too coarse by a whole millisecond. */
export async function untilMachineMs(atMs: number): Promise<void> {
  const leftMs = atMs - machineMs();
  if (leftMs > 3) await sleep(leftMs - 2);
  while (machineMs() < atMs);
}

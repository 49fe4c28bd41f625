import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHeartbeatFolder } from '@cc-executor/testkit';
import { machineMs } from './machine-clock.ts';
import { startOwner } from './owner-process.ts';
import type { OwnerTask } from './owner-task.ts';
import type { Random } from './random.ts';

/** How long the phases of a start take on this machine, in milliseconds. */
export interface Phases {
  /** From the time of the spawn to the opening of the gate, at least. */
  readonly shortestStartMs: number;
  /** The same, at most. */
  readonly longestStartMs: number;
  /** From there until everybody beats, at most. */
  readonly longestRiseMs: number;
}

const warmUps = 4;

/** Starts a few trees that nobody kills. */
export async function measurePhases(tier: OwnerTask['tier'], isWarm: boolean): Promise<Phases> {
  const starts: number[] = [];
  const rises: number[] = [];
  for (let round = 0; round < warmUps; round += 1) {
    await using folder = await openHeartbeatFolder();
    await using journal = await mkdtempDisposable(join(tmpdir(), 'soak-'));
    await using owner = startOwner({
      tier,
      isWarm,
      instanceId: randomUUID(),
      journalPath: join(journal.path, 'journal'),
      program: { name: 'beats-and-forks.sh', args: [folder.path] },
    });
    const ready = await owner.waitFor('ready');
    const started = await owner.waitFor('started');
    if (ready === undefined || started === undefined) {
      const said = JSON.stringify(owner.reports);
      await owner[Symbol.asyncDispose]();
      throw new Error(`An owner of the tier ${tier} did not start: ${said} ${await owner.errors}`);
    }
    await folder.untilBeaten(['leader', 'child']);
    starts.push(started.atMs - ready.spawnAtMs);
    rises.push(machineMs() - started.atMs);
  }
  return {
    shortestStartMs: Math.min(...starts),
    longestStartMs: Math.max(...starts),
    longestRiseMs: Math.max(...rises),
  };
}

/** A random time after that of the spawn, in milliseconds, which falls most likely before or after the opening of the gate. */
export function drawInstantMs(random: Random, phases: Phases, aim: 'before' | 'after'): number {
  if (aim === 'before') return random() * phases.shortestStartMs;
  return phases.longestStartMs + random() * 1.5 * phases.longestRiseMs;
}

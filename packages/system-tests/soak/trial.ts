import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHeartbeatFolder, type BeatingProgram, type HeartbeatFolder } from '@cc-executor/testkit';
import { findKeepers } from './keepers.ts';
import { machineMs, untilMachineMs } from './machine-clock.ts';
import { startOwner, type OwnerProcess } from './owner-process.ts';
import type { OwnerTask } from './owner-task.ts';
import { untilQuiet } from './quiet.ts';

/** Who is killed. After a guardian, and when another has taken over, the executor is killed too. */
export type Victim = 'executor' | 'guardian' | 'both';

/** What is done in a trial. */
export interface Trial {
  readonly tier: OwnerTask['tier'];
  readonly victim: Victim;
  readonly program: BeatingProgram;
  /** Whether the leader ends at once and leaves the others alone. */
  readonly isLeaving: boolean;
  /** Whether its host has started something before, and has prepared for more. */
  readonly isWarm: boolean;
  /** When to kill, in milliseconds after the time of the spawn. */
  readonly instantMs: number;
}

/** What came of it. */
export interface TrialResult {
  readonly trial: Trial;
  /** Whether the gate was open when the kill came. `void`: the owner never got as far as its spawn. */
  readonly phase: 'before' | 'after' | 'void';
  /** Who was there right after both had died, before anybody could look after them: roles, or `standing`. */
  readonly atOnce: readonly string[];
  /** Who was there in the end. */
  readonly survivors: readonly string[];
  /** From the last kill until nobody was seen any more, in milliseconds. */
  readonly cleanMs: number | undefined;
  /** Guardians and gates that did not go. */
  readonly keepersLeft: number;
  /** Why it is void. */
  readonly reason?: string;
}

/** Runs one trial and ends all that it has left. */
export async function runTrial(trial: Trial): Promise<TrialResult> {
  await using folder = await openHeartbeatFolder();
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'soak-'));
  const { tier, program, isLeaving, isWarm } = trial;
  const journalPath = join(scratch.path, 'journal');
  const instanceId = randomUUID();
  const args = isLeaving ? [folder.path, 'leave'] : [folder.path];
  await using owner = startOwner({
    tier,
    instanceId,
    journalPath,
    program: { name: program.name, args },
    isWarm,
  });
  const opened = await owner.waitFor('opened');
  const ready = await owner.waitFor('ready');
  if (opened === undefined || ready === undefined) return await voidTrial(trial, owner);
  await untilMachineMs(ready.spawnAtMs + trial.instantMs);
  // An owner that was kept waiting by the system is waited for: a kill before its spawn would show nothing.
  if ((await owner.waitFor('spawning')) === undefined) return await voidTrial(trial, owner);
  const kills = await killVictims(trial.victim, owner, opened.guardian);
  const phase = await phaseOf(owner, folder, trial.victim, kills.firstMs);
  const atOnce = trial.victim === 'both' ? await look(folder, 200) : undefined;
  let quietAtMs = atOnce?.quietAtMs;
  if (trial.victim === 'both') {
    // Whoever comes next with the same journal finishes the work before it says that it is open.
    const nextId = randomUUID();
    await using next = startOwner({ tier, instanceId: nextId, journalPath });
    await next.waitFor('opened', 30_000);
    quietAtMs ??= machineMs();
    await next[Symbol.asyncDispose]();
  }
  const end = await look(folder, 500, instanceId);
  quietAtMs = end.roles.length > 0 ? undefined : (quietAtMs ?? end.quietAtMs);
  const keepers = await findKeepers(instanceId, folder.path);
  for (const pid of keepers) process.kill(pid, 'SIGKILL');
  return {
    trial,
    phase,
    atOnce: atOnce?.roles ?? [],
    survivors: end.roles,
    cleanMs: quietAtMs === undefined ? undefined : Math.max(0, quietAtMs - kills.lastMs),
    keepersLeft: keepers.length,
  };
}

async function voidTrial(trial: Trial, owner: OwnerProcess): Promise<TrialResult> {
  await owner[Symbol.asyncDispose]();
  const reason = `its owner only got to ${owner.reports.at(-1)?.at} ${(await owner.errors).trim()}`;
  return { trial, phase: 'void', atOnce: [], survivors: [], cleanMs: undefined, keepersLeft: 0, reason };
}

async function killVictims(
  victim: Victim,
  owner: OwnerProcess,
  guardian: number,
): Promise<{ firstMs: number; lastMs: number }> {
  if (victim !== 'executor') process.kill(guardian, 'SIGKILL');
  const firstMs = machineMs();
  if (victim === 'guardian') {
    // It either starts what it was asked for or says why not, and gets itself a new guardian.
    await Promise.race([owner.waitFor('started'), owner.waitFor('refused')]);
    await owner.waitFor('guardedAgain');
  }
  process.kill(owner.pid, 'SIGKILL');
  const lastMs = machineMs();
  await owner.ended;
  return { firstMs, lastMs };
}

async function phaseOf(
  owner: OwnerProcess,
  folder: HeartbeatFolder,
  victim: Victim,
  killedAtMs: number,
): Promise<TrialResult['phase']> {
  const started = owner.reports.find(({ at }) => at === 'started');
  if (started !== undefined && started.atMs <= killedAtMs) return 'after';
  // The gate opens a little before its owner can say so.
  return victim !== 'guardian' && (await folder.beaten()).length > 0 ? 'after' : 'before';
}

/** Who is there once it should be quiet: the roles that beat, or `standing` when there are only others. */
async function look(
  folder: HeartbeatFolder,
  quietMs: number,
  instanceId?: string,
): Promise<{ roles: string[]; quietAtMs?: number }> {
  const settleMs = instanceId === undefined ? 100 : 2_000;
  const quietAtMs = await untilQuiet(folder, {
    quietMs,
    settleMs,
    ...(instanceId === undefined ? {} : { instanceId }),
  });
  if (quietAtMs !== undefined) return { roles: [], quietAtMs };
  const roles = await folder.beating({ withinMs: 150 });
  if (roles.length > 0) return { roles };
  return { roles: (await folder.named()).length > 0 ? ['standing'] : [] };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PortableMembership } from '../portable/portable-membership.ts';
import type { ProcessIdentity } from '../process-entry.ts';
import type { ProcessTableSource } from '../process-table.ts';
import { sendSignal } from '../send-signal.ts';
import type { OnDeathCommand } from '../tree-spec.ts';

/** A tree in the care of the guardian. */
export interface Ward extends ProcessIdentity {
  /** The tree's id. `pid` and `startTime` are those of the process that was spawned for it. */
  readonly id: string;
  /** Whether that process is a bwrap, whose death takes all with it. */
  readonly isNamespace: boolean;
  readonly onDeath?: OnDeathCommand;
}

const onDeathLimitMs = 10_000;

/**
 * Ends trees whose executor has died, and then whatever else bears the marks of their instance. Resolves when nobody
 * is left, or when what is left has outlived ten seconds of SIGKILL.
 */
export async function endWards(wards: Iterable<Ward>, source: ProcessTableSource): Promise<void> {
  const all = [...wards];
  await Promise.all(
    all.map(async (ward) => {
      await endWard(ward, source).catch(() => undefined);
      if (ward.onDeath !== undefined) await runOnDeath(ward.onDeath);
    }),
  );
  await endStrays(new Set(all.map(({ id }) => id)), source);
}

async function endWard(ward: Ward, source: ProcessTableSource): Promise<void> {
  if (ward.isNamespace) await endNamespace(ward, source);
  const membership = new PortableMembership({ source, treeId: ward.id, leader: ward });
  // It is not our child, so nothing will tell us when it ends; the table shows it.
  membership.noteLeaderExit();
  await membership.kill();
}

/** No walk through the members: they may fork faster than one can walk, but not outlive the namespace's first process. */
async function endNamespace(ward: Ward, source: ProcessTableSource): Promise<void> {
  const { entries } = await source.scan();
  const first = source.isCurrent(ward) ? entries.filter((entry) => entry.parentPid === ward.pid) : [];
  // A warden that bwrap's death has not taken with it is still known by its mark.
  const marked = entries.filter((entry) => entry.treeId === ward.id);
  sendSignal(source, [...first, ward, ...marked], 'SIGKILL');
}

/** Those who were on their way: marked, but not announced yet when their executor died. */
async function endStrays(known: ReadonlySet<string>, source: ProcessTableSource): Promise<void> {
  const { entries } = await source.scan();
  const strays = new Set(
    entries.map(({ treeId }) => treeId).filter((id) => id !== undefined && !known.has(id)),
  );
  await Promise.all(
    [...strays].map(async (treeId) => {
      const leader = entries.find((entry) => entry.treeId === treeId);
      if (treeId === undefined || leader === undefined) return;
      await endWard({ ...leader, id: treeId, isNamespace: false }, source).catch(() => undefined);
    }),
  );
}

/** Never fails: there is nobody left to tell. */
async function runOnDeath({ file, args, env }: OnDeathCommand): Promise<void> {
  try {
    // Throws when the arguments are too long, for instance.
    const child = spawn(file, args, {
      env,
      cwd: '/',
      stdio: 'ignore',
      timeout: onDeathLimitMs,
      killSignal: 'SIGKILL',
    });
    await once(child, 'exit');
  } catch {
    // The other trees are still to be ended.
  }
}

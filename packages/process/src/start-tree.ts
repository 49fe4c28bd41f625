import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { ProcessError } from './errors.ts';
import type { Containment, GateKeeper } from './gate-keeper.ts';
import type { Guardian } from './guardian/guardian.ts';
import { setLimits } from './limits.ts';
import { NamespaceMembership } from './namespace/namespace-membership.ts';
import { PortableMembership } from './portable/portable-membership.ts';
import type { ProcessTableSource } from './process-table.ts';
import { ProcessTree } from './process-tree.ts';
import type { Tools } from './tools.ts';
import { treeMarkers } from './tree-marker.ts';
import type { TreeSpec } from './tree-spec.ts';
import type { Tree } from './tree.ts';

/** What all trees of a host share. */
export interface TreeParts {
  readonly instanceId: string;
  readonly tools: Tools;
  readonly source: ProcessTableSource;
  readonly guardian: Guardian;
  readonly gates: GateKeeper;
}

/** So long after a start the store is filled again, unless the command has ended before, in milliseconds. */
const stockDelayMs = 5;

/**
 * Starts a tree: takes a gate, which the guardian has in its care, sets the limits, and only then lets the command
 * begin. Whoever dies on the way, the command has not begun, or somebody knows of it.
 *
 * @param checkOpen Throws when the host has been closed meanwhile.
 */
export async function startTree(
  spec: TreeSpec,
  containment: Containment,
  parts: TreeParts,
  checkOpen: () => void,
): Promise<Tree> {
  const { source, guardian, gates } = parts;
  const { id, limits, onDeath } = spec;
  const prlimit = prlimitFor(spec, parts.tools);
  const gate = await gates.take(spec, containment);
  const { identity, wardId, warden } = gate;
  const isNamespace = warden !== undefined;
  try {
    await Promise.all([
      // From now on it is known by the name that its members bear. Only what must not be missed is waited for.
      onDeath === undefined
        ? guardian.rename(wardId, id)
        : guardian.add({ ...identity, id, isNamespace, onDeath }).then(() => guardian.remove(wardId)),
      prlimit === undefined || limits === undefined
        ? undefined
        : setLimits(prlimit, (await warden) ?? gate.pid, limits),
    ]);
    checkOpen();
    // Made before the gate opens, so that nothing that happens behind it is missed.
    const membership = isNamespace
      ? new NamespaceMembership({
          source,
          bwrap: identity,
          warden,
          exited: gate.exited,
          killBwrap: () => gate.kill(),
        })
      : new PortableMembership({ source, treeId: id, leader: identity });
    const leader = await gate.open(spec, { ...spec.env, ...treeMarkers(parts.instanceId, id) });
    gates.forget(gate);
    const tree = new ProcessTree({ id, leader, membership, source });
    void tree.empty().then(() => guardian.remove(id));
    void stockSoon(gates, leader.exited);
    return tree;
  } catch (error) {
    gates.giveUp(gate);
    void gate.exited.then(() => guardian.remove(id));
    throw error;
  }
}

/** Forking takes this process some milliseconds, in which it should not keep a short command's end from being heard. */
async function stockSoon(gates: GateKeeper, exited: Promise<unknown>): Promise<void> {
  await Promise.race([exited, sleep(stockDelayMs, undefined, { ref: false })]);
  await immediate();
  await gates.stock();
}

function prlimitFor({ limits }: TreeSpec, { prlimit }: Tools): string | undefined {
  if (limits === undefined || Object.values(limits).every((value) => value === undefined)) return undefined;
  if (prlimit !== undefined) return prlimit;
  throw new ProcessError(
    'limitsUnavailable',
    'Limits need prlimit, which is not installed (package util-linux).',
  );
}

import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { after } from './duration.ts';
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

/** So long a gate may take to answer. */
const answerLimitMs = 10_000;

/**
 * Starts a tree: takes a gate, which the guardian has in its care, sets the limits, and only then lets the command
 * begin. Whoever dies on the way, the command has not begun, or somebody knows of it. When it fails, nothing is left.
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
  try {
    await Promise.all([
      // From now on it is known by the name that its members bear. Only what must not be missed is waited for.
      onDeath === undefined
        ? guardian.rename(wardId, id)
        : guardian.add({ ...identity, id, isNamespace, onDeath }).then(() => guardian.remove(wardId)),
      prlimit === undefined || limits === undefined
        ? undefined
        : answered(spec, warden).then((pid) => setLimits(prlimit, pid ?? gate.pid, limits)),
    ]);
    checkOpen();
    const opening = gate.open(spec, { ...spec.env, ...treeMarkers(parts.instanceId, id) });
    const leader = await answered(spec, opening);
    gates.forget(gate);
    const tree = new ProcessTree({ id, leader, membership, source });
    void tree.empty().then(() => guardian.remove(id));
    void stockSoon(gates, leader.exited);
    return tree;
  } catch (error) {
    gates.giveUp(gate);
    void membership.watch(gate.exited);
    // The command may have begun though nobody heard of it. Who outlives even this stays in the guardian's care.
    await membership.kill().then(
      () => guardian.remove(id),
      () => undefined,
    );
    throw error;
  }
}

/** What a gate answers. One that stands still, since somebody has stopped it, must not be waited for for ever. */
async function answered<T>({ file }: TreeSpec, answer: T | Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancelLimit = after(answerLimitMs, () => {
    // An answer that has come while this process itself stood still is read first.
    setImmediate(() => {
      late.reject(
        new ProcessError('spawnFailed', `The gate of ${file} did not answer within ${answerLimitMs} ms.`, {
          file,
        }),
      );
    });
  });
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    cancelLimit();
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

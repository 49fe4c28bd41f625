import { ProcessError } from './errors.ts';
import type { Guardian } from './guardian/guardian.ts';
import type { Gate, SpawnFailure } from './leader.ts';
import { setLimits } from './limits.ts';
import { spawnNamespaceGate } from './namespace/namespace-gate.ts';
import { NamespaceMembership } from './namespace/namespace-membership.ts';
import { spawnPortableGate } from './portable/portable-gate.ts';
import { PortableMembership } from './portable/portable-membership.ts';
import type { ProcessIdentity } from './process-entry.ts';
import type { ProcessTableSource } from './process-table.ts';
import { ProcessTree } from './process-tree.ts';
import { checkProgram } from './program-check.ts';
import { explainSpawnFailure } from './spawn-failure.ts';
import type { Tools } from './tools.ts';
import { treeMarkers } from './tree-marker.ts';
import type { TreeSpec } from './tree-spec.ts';
import type { Tree } from './tree.ts';

/**
 * How members are kept together. `pidns`: in a pid namespace, complete by construction. `portable`: by walking the
 * process table; what leaves its session and wipes its environment, or forks faster than the table is read, escapes.
 */
export type Containment = 'pidns' | 'portable';

/** What all trees of a host share. */
export interface TreeParts {
  readonly instanceId: string;
  readonly tools: Tools;
  /** See `NamespaceTools`. */
  readonly procFd: number | undefined;
  readonly source: ProcessTableSource;
  readonly guardian: Guardian;
}

/**
 * Starts a tree: spawns its gate, has the guardian take it into its care, sets its limits, and only then lets the
 * command begin. Whatever dies on the way, the command has not begun, or somebody knows of it.
 *
 * @param checkOpen Throws when the host has been closed meanwhile.
 */
export async function startTree(
  spec: TreeSpec,
  containment: Containment,
  parts: TreeParts,
  checkOpen: () => void,
): Promise<Tree> {
  const { source, guardian } = parts;
  checkProgram(spec.file);
  const prlimit = prlimitFor(spec, parts.tools);
  const isNamespace = containment === 'pidns';
  const gate = spawnGate(spec, isNamespace, parts);
  if ('failure' in gate) throw await explainSpawnFailure(await gate.failure, spec);
  try {
    const identity = await identify(gate, source);
    const { id, limits, onDeath } = spec;
    await Promise.all([
      guardian.add({ ...identity, id, isNamespace, ...(onDeath === undefined ? {} : { onDeath }) }),
      prlimit === undefined || limits === undefined ? undefined : setLimits(prlimit, gate.pid, limits),
    ]);
    checkOpen();
    // Made before the gate opens, so that nothing that happens behind it is missed.
    const membership = isNamespace
      ? new NamespaceMembership({ source, bwrap: identity, exited: gate.exited })
      : new PortableMembership({ source, treeId: id, leader: identity });
    const tree = new ProcessTree({ id, leader: await gate.open(), membership, source });
    void tree.empty().then(() => guardian.remove(id));
    return tree;
  } catch (error) {
    gate.abandon();
    guardian.remove(spec.id);
    throw error;
  }
}

function spawnGate(spec: TreeSpec, isNamespace: boolean, parts: TreeParts): Gate | SpawnFailure {
  const { instanceId, tools, procFd } = parts;
  const { bwrap, perl } = tools;
  const env = { ...spec.env, ...treeMarkers(instanceId, spec.id) };
  if (!isNamespace) return spawnPortableGate(spec, env, perl);
  if (bwrap === undefined || perl === undefined || procFd === undefined) {
    throw new ProcessError('spawnFailed', 'Namespaces cannot be had here.');
  }
  return spawnNamespaceGate(spec, env, { bwrap, perl, procFd });
}

/** Who waits at the gate. Nobody has collected it, so it is there to be seen even if it has ended already. */
async function identify(gate: Gate, source: ProcessTableSource): Promise<ProcessIdentity> {
  const found = await source.identify(gate.pid);
  if (found !== undefined) return { pid: found.pid, startTime: found.startTime };
  throw new ProcessError('spawnFailed', `Process ${gate.pid} went before it began.`, { pid: gate.pid });
}

function prlimitFor({ limits }: TreeSpec, { prlimit }: Tools): string | undefined {
  if (limits === undefined || Object.values(limits).every((value) => value === undefined)) return undefined;
  if (prlimit !== undefined) return prlimit;
  throw new ProcessError(
    'limitsUnavailable',
    'Limits need prlimit, which is not installed (package util-linux).',
  );
}

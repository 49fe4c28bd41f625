import { isMainThread } from 'node:worker_threads';
import { ProcessError } from './errors.ts';
import { startLeader, type Leader } from './leader.ts';
import { openLinuxProcessTable } from './linux-process-table.ts';
import { Membership } from './membership.ts';
import { PortableTree } from './portable-tree.ts';
import type { ProcessTableSource } from './process-table.ts';
import { openPsProcessTable } from './ps-process-table.ts';
import { explainSpawnFailure } from './spawn-failure.ts';
import { treeMarkers } from './tree-marker.ts';
import { checkTreeSpec, type TreeSpec } from './tree-spec.ts';
import type { Tree } from './tree.ts';

/**
 * How members are kept together. `pidns`: in a pid namespace, complete by construction. `portable`: by walking the
 * process table; what leaves its session and wipes its environment, or forks faster than the table is read, escapes.
 */
export type Containment = 'pidns' | 'portable';

/** Starts process trees and answers for their end. */
export interface ProcessHost extends AsyncDisposable {
  /** How the members of a tree are kept together, unless its spec says otherwise. */
  readonly containment: Containment;
  /** Why it is not `pidns`; undefined when it is. */
  readonly containmentReason: string | undefined;
  /** Why a spec may not have `limits` here; undefined when it may. */
  readonly limitsReason: string | undefined;
  /** The process that ends all trees when this one dies, and how often it had to be started again. */
  readonly guardian: { readonly pid: number; readonly restarts: number };
  /**
   * Starts a tree. Its leader has a group and session of its own.
   *
   * @throws ProcessError `programNotFound`, `programNotExecutable`, `cwdNotFound`, `badArgument`,
   * `argumentsTooLong`, `spawnFailed`, `hostClosed`.
   */
  spawn(spec: TreeSpec): Promise<Tree>;
}

/** What a {@link ProcessHost} needs to know. */
export interface ProcessHostOptions {
  /** Tells this executor's trees from those of any other; unique for each start of an executor. */
  readonly instanceId: string;
  /** Absolute path of the file that remembers the trees over the death of everybody. Its folder exists and is ours alone. */
  readonly journalPath: string;
  /** A PATH value: where bwrap, perl and prlimit are looked for. */
  readonly path: string;
  /** `require` fails where there is no pidns; `portable` does not even try. @default prefer */
  readonly containment?: 'prefer' | 'require' | 'portable';
}

/**
 * Opens a host. Disposing it kills every tree still alive, in bounded time.
 *
 * @throws ProcessError `wrongThread` off the main thread; `badArgument` for an id that is empty or has NUL.
 */
export async function openProcessHost({ instanceId }: ProcessHostOptions): Promise<ProcessHost> {
  if (!isMainThread) {
    throw new ProcessError('wrongThread', 'A process host must live on the main thread.');
  }
  if (instanceId === '' || instanceId.includes('\0')) {
    throw new ProcessError('badArgument', 'The instance id must not be empty or contain NUL.');
  }
  const source =
    process.platform === 'linux' ? openLinuxProcessTable(instanceId) : openPsProcessTable(instanceId);
  return new PortableProcessHost(instanceId, source);
}

class PortableProcessHost implements ProcessHost {
  readonly containment = 'portable';
  readonly containmentReason = 'not built yet';
  readonly limitsReason = 'not built yet';
  readonly guardian = { pid: 0, restarts: 0 };
  readonly #instanceId: string;
  readonly #source: ProcessTableSource;
  readonly #trees = new Set<Promise<Tree>>();
  #disposal: Promise<void> | undefined;

  constructor(instanceId: string, source: ProcessTableSource) {
    this.#instanceId = instanceId;
    this.#source = source;
  }

  async spawn(spec: TreeSpec): Promise<Tree> {
    await checkTreeSpec(spec);
    if (this.#disposal !== undefined) {
      throw new ProcessError('hostClosed', 'The process host is closed and starts nothing more.');
    }
    const leader = startLeader(spec, { ...spec.env, ...treeMarkers(this.#instanceId, spec.id) });
    if ('failure' in leader) throw await explainSpawnFailure(await leader.failure, spec);

    // From here to the entry in the set nothing may wait: a disposal must find every leader that runs.
    const tree = buildTree(spec.id, leader, this.#source);
    this.#trees.add(tree);
    const forget = (): unknown => this.#trees.delete(tree);
    void tree.then((started) => started.empty()).then(forget, forget);
    return await tree;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#endAll();
    return this.#disposal;
  }

  async #endAll(): Promise<void> {
    const ends = [...this.#trees].map(async (starting) => {
      const tree = await starting;
      try {
        await tree.stop({ graceMs: 0 });
      } finally {
        // A process that escaped may hold the other ends for ever, which would keep this process alive.
        for (const stream of [tree.stdin, tree.stdout, tree.stderr]) stream?.destroy();
      }
    });
    // A tree that cannot be ended must not keep the others from it; its own stop has told whoever asked.
    await Promise.allSettled(ends);
  }
}

/** Asks for the leader's identity at once, so that it is there to be seen even if it has ended already. */
async function buildTree(id: string, leader: Leader, source: ProcessTableSource): Promise<Tree> {
  const { pid } = leader;
  // A leader that runs must get its tree also when the table cannot be read: its marker and group still find it.
  const known = await source.identify(pid).catch(() => undefined);
  const identity = known ?? { pid, startTime: Number.NaN };
  return new PortableTree({
    id,
    leader,
    source,
    membership: new Membership({ source, treeId: id, leader: identity }),
  });
}

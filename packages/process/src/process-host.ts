import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { ProcessError } from './errors.ts';
import { GateKeeper, type Containment } from './gate-keeper.ts';
import { Guardian } from './guardian/guardian.ts';
import { replayJournals } from './guardian/replay.ts';
import { probeNamespaces } from './namespace/namespace-probe.ts';
import { openProcessTable } from './process-table-source.ts';
import { startTree, type TreeParts } from './start-tree.ts';
import { findTools } from './tools.ts';
import { checkPath, checkTreeSpec, type TreeSpec } from './tree-spec.ts';
import type { Tree } from './tree.ts';

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
   * `argumentsTooLong`, `spawnFailed`, `guardianUnavailable`, `limitsUnavailable`, `hostClosed`.
   */
  spawn(spec: TreeSpec): Promise<Tree>;
}

/** What a {@link ProcessHost} needs to know. */
export interface ProcessHostOptions {
  /** Tells this executor's trees from those of any other; unique for each start of an executor. */
  readonly instanceId: string;
  /**
   * Absolute path of a folder that remembers the trees over the death of everybody. It is made (0700) when it is not
   * there, and belongs to one host at a time.
   */
  readonly journalPath: string;
  /** A PATH value: where bwrap, perl and prlimit are looked for. */
  readonly path: string;
  /** `require` fails where there is no pidns; `portable` does not even try. @default prefer */
  readonly containment?: 'prefer' | 'require' | 'portable';
}

/**
 * Opens a host: ends what an earlier one with the same journal has left, finds out how trees can be contained, and
 * starts the guardian. Disposing it kills every tree still alive, in bounded time.
 *
 * @throws ProcessError `wrongThread` off the main thread; `badArgument` for an id that is empty or has NUL and for a
 * journal without an absolute path; `containmentUnavailable`; `guardianUnavailable`. Whatever the system says when the
 * journal cannot be read.
 */
export async function openProcessHost(options: ProcessHostOptions): Promise<ProcessHost> {
  const { instanceId, containment = 'prefer' } = options;
  if (!isMainThread) {
    throw new ProcessError('wrongThread', 'A process host must live on the main thread.');
  }
  if (instanceId === '' || instanceId.includes('\0')) {
    throw new ProcessError('badArgument', 'The instance id must not be empty or contain NUL.');
  }
  checkPath('journalPath', options.journalPath);
  await using opening = new AsyncDisposableStack();
  await mkdir(options.journalPath, { recursive: true, mode: 0o700 });
  await replayJournals(options.journalPath);
  const procFd = process.platform === 'linux' ? openSync('/proc', 'r') : undefined;
  if (procFd !== undefined) opening.defer(() => closeSync(procFd));
  const tools = await findTools(options.path);
  const guardian = opening.use(new Guardian({ instanceId, journalFolder: options.journalPath }));
  const isProbing = containment !== 'portable';
  const [reason] = await Promise.all([
    isProbing ? probeNamespaces(instanceId, tools, procFd) : 'the settings ask for the portable way',
    guardian.start(),
  ]);
  if (containment === 'require' && reason !== undefined) {
    throw new ProcessError('containmentUnavailable', `Pid namespaces are required, but ${reason}.`, {
      reason,
    });
  }
  const source = openProcessTable(instanceId, 'own');
  const gates = opening.use(
    new GateKeeper({
      instanceId,
      tools,
      procFd,
      source,
      guardian,
      containment: reason === undefined ? 'pidns' : 'portable',
    }),
  );
  void gates.stock();
  return new GuardedProcessHost({ instanceId, tools, source, guardian, gates }, reason, opening.move());
}

class GuardedProcessHost implements ProcessHost {
  readonly containment: Containment;
  readonly containmentReason: string | undefined;
  readonly limitsReason: string | undefined;
  readonly #parts: TreeParts;
  readonly #belongings: AsyncDisposable;
  readonly #trees = new Map<string, Promise<Tree>>();
  #disposal: Promise<void> | undefined;

  constructor(parts: TreeParts, reason: string | undefined, belongings: AsyncDisposable) {
    this.#parts = parts;
    this.#belongings = belongings;
    this.containment = reason === undefined ? 'pidns' : 'portable';
    this.containmentReason = reason;
    this.limitsReason =
      parts.tools.prlimit === undefined ? 'prlimit is not installed (package util-linux)' : undefined;
  }

  get guardian(): { readonly pid: number; readonly restarts: number } {
    const { pid, restarts } = this.#parts.guardian;
    return { pid, restarts };
  }

  async spawn(spec: TreeSpec): Promise<Tree> {
    await checkTreeSpec(spec);
    this.#checkOpen();
    if (this.#trees.has(spec.id)) {
      throw new ProcessError('badArgument', `There is a tree with the id ${spec.id} already.`, {
        argument: 'id',
      });
    }
    const containment = spec.containment ?? this.containment;
    // From the check to the entry in the map nothing may wait: a disposal must find every tree.
    const tree = startTree(spec, containment, this.#parts, () => this.#checkOpen());
    this.#trees.set(spec.id, tree);
    const forget = (): unknown => this.#trees.delete(spec.id);
    void tree.then((started) => started.empty()).then(forget, forget);
    return await tree;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#endAll().finally(() => this.#belongings[Symbol.asyncDispose]());
    return this.#disposal;
  }

  #checkOpen(): void {
    if (this.#disposal === undefined) return;
    throw new ProcessError('hostClosed', 'The process host is closed and starts nothing more.');
  }

  async #endAll(): Promise<void> {
    const ends = [...this.#trees.values()].map(async (starting) => {
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

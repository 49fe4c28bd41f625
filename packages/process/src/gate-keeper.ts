import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ProcessError } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Guardian } from './guardian/guardian.ts';
import { spawnNamespaceGate } from './namespace/namespace-gate.ts';
import { spawnPortableGate } from './portable/portable-gate.ts';
import { spawnShellGate } from './portable/shell-gate.ts';
import type { ProcessIdentity } from './process-entry.ts';
import type { ProcessTableSource } from './process-table.ts';
import { explainSpawnFailure } from './spawn-failure.ts';
import type { Tools } from './tools.ts';
import { treeMarkers } from './tree-marker.ts';
import type { TreeSpec } from './tree-spec.ts';

/**
 * How members are kept together. `pidns`: in a pid namespace, complete by construction. `portable`: by walking the
 * process table; what leaves its session and wipes its environment, or forks faster than the table is read, escapes.
 */
export type Containment = 'pidns' | 'portable';

/** A gate in the care of the guardian. */
export interface GuardedGate extends Gate {
  /** The name under which the guardian knows it. */
  readonly wardId: string;
  readonly identity: ProcessIdentity;
}

/** What gates are made of. */
export interface GateKeeperOptions {
  readonly instanceId: string;
  readonly tools: Tools;
  /** See `NamespaceTools`. */
  readonly procFd: number | undefined;
  readonly source: ProcessTableSource;
  readonly guardian: Guardian;
  /** The kind of which one is kept in store. */
  readonly containment: Containment;
}

interface Spare {
  readonly gate: GuardedGate;
  /** The mounts that it can see. */
  readonly mounts: string;
}

/**
 * Makes gates, and keeps one in store: most of what a start costs (forking this process, making a namespace, having
 * the guardian take note of it) does not depend on the command, and can be paid before it comes.
 */
export class GateKeeper implements AsyncDisposable {
  readonly #options: GateKeeperOptions;
  readonly #made = new Set<GuardedGate>();
  #spare: Spare | undefined;
  #stocking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: GateKeeperOptions) {
    this.#options = options;
  }

  /**
   * A gate for this command, from the store if one of its kind is there.
   *
   * @throws ProcessError `spawnFailed`, `argumentsTooLong`, `guardianUnavailable`.
   */
  async take(spec: TreeSpec, containment: Containment): Promise<GuardedGate> {
    const { tools, containment: stored } = this.#options;
    const spare = this.#spare;
    if (spare !== undefined && containment === stored) {
      this.#spare = undefined;
      if (this.#isUsable(spare)) {
        spare.gate.hold(true);
        return spare.gate;
      }
      this.giveUp(spare.gate);
    }
    const id = randomUUID();
    // A shell cannot be told an environment later, so it begins with that of the command, marks included.
    const gate =
      tools.perl === undefined
        ? spawnShellGate(spec, { ...spec.env, ...treeMarkers(this.#options.instanceId, spec.id) })
        : this.#spawn(containment, this.#environment(id));
    return await this.#guard(await gate, id);
  }

  /** Puts a gate in store unless one is there. Never fails: whoever needs a gate then makes one, and is told why not. */
  stock(): Promise<void> {
    this.#stocking ??= this.#stock()
      .catch(() => undefined)
      .finally(() => (this.#stocking = undefined));
    return this.#stocking;
  }

  /** The gate has been opened, or is not wanted any more. */
  forget(gate: GuardedGate): void {
    this.#made.delete(gate);
  }

  giveUp(gate: GuardedGate): void {
    this.#made.delete(gate);
    // Its end is waited for, also by a program that has nothing else to do.
    gate.hold(true);
    gate.abandon();
    void gate.exited.then(() => this.#options.guardian.remove(gate.wardId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#stocking;
    const exits = [...this.#made].map(({ exited }) => exited);
    for (const gate of this.#made) this.giveUp(gate);
    await Promise.all(exits);
  }

  async #stock(): Promise<void> {
    const { tools, containment } = this.#options;
    if (this.#isClosed || this.#spare !== undefined || tools.perl === undefined) return;
    const mounts = readMounts();
    const id = randomUUID();
    const gate = await this.#guard(await this.#spawn(containment, this.#environment(id)), id);
    // Whoever forgets to dispose of a host shall be able to end: the gate then sees the end of its streams.
    gate.hold(false);
    const spare = { gate, mounts };
    this.#spare = spare;
    void this.#discardAtEnd(spare);
  }

  /** It may have been ended a moment ago; and what has been mounted since would not be there for the command. */
  #isUsable({ gate, mounts }: Spare): boolean {
    try {
      return this.#options.source.isCurrent(gate.identity) && mounts === readMounts();
    } catch {
      // Nothing can be read (no file descriptors left).
      return false;
    }
  }

  /** Somebody else may end it while it is in store. */
  async #discardAtEnd(spare: Spare): Promise<void> {
    await spare.gate.exited;
    if (this.#spare !== spare) return;
    this.#spare = undefined;
    this.giveUp(spare.gate);
  }

  async #guard(gate: Gate, wardId: string): Promise<GuardedGate> {
    const { source, guardian } = this.#options;
    try {
      const identity = await identify(gate, source);
      await guardian.add({ ...identity, id: wardId, isNamespace: gate.warden !== undefined });
      const guarded = { ...gate, wardId, identity };
      this.#made.add(guarded);
      return guarded;
    } catch (error) {
      gate.abandon();
      guardian.remove(wardId);
      throw error;
    }
  }

  #spawn(containment: Containment, env: Readonly<Record<string, string>>): Promise<Gate> {
    const { bwrap, perl } = this.#options.tools;
    const { procFd } = this.#options;
    if (perl === undefined || (containment === 'pidns' && (bwrap === undefined || procFd === undefined))) {
      throw new ProcessError('spawnFailed', 'Namespaces cannot be had here.');
    }
    return bwrap !== undefined && procFd !== undefined && containment === 'pidns'
      ? spawnNamespaceGate({ bwrap, perl, procFd }, env)
      : spawnPortableGate(perl, env);
  }

  /** The C locale, since perl complains about others when they are not installed. */
  #environment(id: string): Record<string, string> {
    return { LC_ALL: 'C', ...treeMarkers(this.#options.instanceId, id) };
  }
}

/** Who waits at the gate. Nobody has collected it, so it is there to be seen even if it has ended already. */
async function identify(gate: Gate, source: ProcessTableSource): Promise<ProcessIdentity> {
  const found = await source.identify(gate.pid).catch((error: unknown) => {
    throw explainSpawnFailure(error, `/proc/${gate.pid}`);
  });
  if (found !== undefined) return { pid: found.pid, startTime: found.startTime };
  throw new ProcessError('spawnFailed', `Process ${gate.pid} went before it began.`, { pid: gate.pid });
}

function readMounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    // No such file outside Linux, and no namespaces either.
    return '';
  }
}

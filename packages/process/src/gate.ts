import type { ExitStatus, Leader } from './leader.ts';
import type { TreeSpec } from './tree-spec.ts';

/** A process that has been made and waits to be told a command: nothing of the command has begun. */
export interface Gate {
  /** The process that was spawned: the leader to be, or the one that holds its namespace. */
  readonly pid: number;
  /** That process's end. */
  readonly exited: Promise<ExitStatus>;
  /**
   * The pid of the first process of the namespace that it holds, from which the command inherits; it resolves with
   * undefined when that never was. Undefined for a gate that holds no namespace.
   */
  readonly warden: Promise<number | undefined> | undefined;
  /**
   * Lets the command begin; resolves when it has.
   *
   * @throws ProcessError `programNotFound`, `programNotExecutable`, `cwdNotFound`, `argumentsTooLong`, `spawnFailed`.
   */
  open(spec: TreeSpec, env: Readonly<Record<string, string>>): Promise<Leader>;
  /** Gives up: the process ends, and whatever waits at the gate never begins. */
  abandon(): void;
  /** Whether the gate keeps this process from ending by itself. It does at first. */
  hold(isHeld: boolean): void;
  /** Kills the process that was spawned. A namespace ends with it. */
  kill(): void;
}

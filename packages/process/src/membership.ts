import type { ProcessEntry } from './process-entry.ts';

/** A live process of a tree. */
export type Member = Omit<ProcessEntry, 'isDead' | 'treeId'>;

/** What one look at the process table says about a tree. */
export interface Sweep {
  /** Live members, parents before their children. */
  readonly live: readonly Member[];
  /** Nobody is left and nobody can come any more. Once true it stays so. */
  readonly isVacant: boolean;
}

/** Knows who belongs to a tree. Each kind of containment has one. */
export interface Membership {
  /** Resolves when nobody is left and nobody can come any more. */
  readonly vacated: Promise<void>;
  /** Looks at a process table that is read after this call. */
  sweep(): Promise<Sweep>;
  /**
   * Looks for the end of the tree from the leader's end on, whether or not somebody waits for it: groups are told
   * apart from later ones of the same number only by one who looks soon. Resolves with `vacated`.
   */
  watch(leaderExit: Promise<unknown>): Promise<void>;
  /**
   * Ends every member by force and resolves when nobody is left.
   *
   * @throws ProcessError `treeNotEmpty` when somebody is still alive after ten seconds.
   */
  kill(): Promise<void>;
}

/** Sorts parents before their children. */
export function byAge(one: ProcessEntry, other: ProcessEntry): number {
  return one.startTime - other.startTime || one.pid - other.pid;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { byAge, type Membership, type Sweep } from '../membership.ts';
import { firstPollDelayMs, nextPollDelayMs } from '../poll-delay.ts';
import { identityKey, type ProcessIdentity } from '../process-entry.ts';
import type { ProcessTable, ProcessTableSource } from '../process-table.ts';
import { findMembers } from './closure.ts';
import { exterminate } from './extermination.ts';

/** What a {@link PortableMembership} is made for. */
export interface PortableMembershipOptions {
  readonly source: ProcessTableSource;
  readonly treeId: string;
  readonly leader: ProcessIdentity;
}

// So many empty tables in a row are believed even when each was read in a bustle.
const convincingEmptyTables = 5;

const vacantSweep: Sweep = { live: [], isVacant: true };

/** Finds members by walking the process table, and remembers them: a member once seen is found again when all its links are cut. */
export class PortableMembership implements Membership {
  readonly #source: ProcessTableSource;
  readonly #treeId: string;
  readonly #leader: ProcessIdentity;
  readonly #vacated = Promise.withResolvers<void>();
  #knownKeys: ReadonlySet<string>;
  #hasLeaderGroup = true;
  #hasLeaderExited = false;
  #requiredEmptyTables = 1;
  #isVacant = false;
  #emptyTables = 0;
  #conclusiveEmptyTables = 0;
  #lastTable: ProcessTable | undefined;

  constructor({ source, treeId, leader }: PortableMembershipOptions) {
    this.#source = source;
    this.#treeId = treeId;
    this.#leader = leader;
    this.#knownKeys = new Set([identityKey(leader)]);
  }

  /** Resolves with the first sweep that finds the tree vacant. */
  get vacated(): Promise<void> {
    return this.#vacated.promise;
  }

  async watch(leaderExit: Promise<unknown>): Promise<void> {
    await leaderExit;
    this.noteLeaderExit();
    let delayMs = firstPollDelayMs;
    for (;;) {
      // A table that could not be read (no file descriptors left) says nothing; the next one may.
      const sweep = await this.sweep().catch(() => undefined);
      if (sweep?.isVacant === true) return;
      await sleep(delayMs);
      delayMs = nextPollDelayMs(delayMs);
    }
  }

  /** To be called once the leader has been collected: before that the tree cannot be vacant. */
  noteLeaderExit(): void {
    this.#hasLeaderExited = true;
  }

  /** From now on only two conclusive empty tables with no live member between them make the tree vacant. */
  requireTwoEmptyTables(): void {
    this.#requiredEmptyTables = 2;
  }

  /** Looks at a process table that is read after this call. */
  async sweep(): Promise<Sweep> {
    if (this.#isVacant) return vacantSweep;
    const couldBeVacant = this.#hasLeaderExited;
    const table = await this.#source.scan();
    // Another sweep of the same moment has been served from this table, or has found the end.
    if (this.#isVacant) return vacantSweep;

    const found = findMembers(table.entries, {
      treeId: this.#treeId,
      knownKeys: this.#knownKeys,
      leaderGroupId: this.#ownsLeaderGroup(table) ? this.#leader.pid : undefined,
      ownerPid: process.pid,
    });
    const live = found.filter((entry) => !entry.isDead).sort(byAge);
    this.#knownKeys = new Set([identityKey(this.#leader), ...found.map((entry) => identityKey(entry))]);
    if (couldBeVacant && table !== this.#lastTable) this.#noteOutcome(live.length === 0, table.isConclusive);
    this.#lastTable = table;
    return { live, isVacant: this.#isVacant };
  }

  kill(): Promise<void> {
    this.requireTwoEmptyTables();
    return exterminate(this, this.#source);
  }

  #noteOutcome(isEmpty: boolean, isConclusive: boolean): void {
    this.#emptyTables = isEmpty ? this.#emptyTables + 1 : 0;
    this.#conclusiveEmptyTables = isEmpty ? this.#conclusiveEmptyTables + Number(isConclusive) : 0;
    if (
      this.#conclusiveEmptyTables >= this.#requiredEmptyTables ||
      this.#emptyTables >= convincingEmptyTables
    ) {
      this.#isVacant = true;
      this.#vacated.resolve();
    }
  }

  /**
   * While the leader is not collected, or somebody is in its group or session, the kernel gives its number to no
   * new process. A stranger with that number therefore proves that the group had ended; and so does its absence.
   */
  #ownsLeaderGroup(table: ProcessTable): boolean {
    if (!this.#hasLeaderExited || !this.#hasLeaderGroup) return this.#hasLeaderGroup;
    const { pid, startTime } = this.#leader;
    const isReused = table.entries.some((entry) => entry.pid === pid && entry.startTime !== startTime);
    const isGone =
      table.isConclusive && !table.entries.some((entry) => entry.groupId === pid || entry.sessionId === pid);
    this.#hasLeaderGroup = !isReused && !isGone;
    return this.#hasLeaderGroup;
  }
}

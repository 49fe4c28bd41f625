import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessError } from '../errors.ts';
import type { ExitStatus } from '../leader.ts';
import { byAge, type Membership, type Sweep } from '../membership.ts';
import { firstPollDelayMs, nextPollDelayMs } from '../poll-delay.ts';
import { identityKey, type ProcessEntry, type ProcessIdentity } from '../process-entry.ts';
import type { ProcessTableSource } from '../process-table.ts';
import { sendSignal } from '../send-signal.ts';

const killLimitMs = 10_000;

/** What a {@link NamespaceMembership} is made for. */
export interface NamespaceMembershipOptions {
  readonly source: ProcessTableSource;
  /** bwrap, the parent of the namespace's first process, the warden. Neither counts as a member. */
  readonly bwrap: ProcessIdentity;
  /** The warden's pid. */
  readonly warden: Promise<number | undefined>;
  /** bwrap's end. */
  readonly exited: Promise<ExitStatus>;
  /** Kills bwrap, for which nothing needs to be read. */
  readonly killBwrap: () => void;
}

/** Everybody in a namespace: below the warden nobody can lose their place in the tree. */
export class NamespaceMembership implements Membership {
  readonly vacated: Promise<void>;
  readonly #source: ProcessTableSource;
  readonly #bwrap: ProcessIdentity;
  readonly #killBwrap: () => void;
  #warden: ProcessIdentity | undefined;
  #isVacant = false;

  constructor({ source, bwrap, warden, exited, killBwrap }: NamespaceMembershipOptions) {
    this.#source = source;
    this.#bwrap = bwrap;
    this.#killBwrap = killBwrap;
    void this.#identify(warden);
    this.vacated = this.#follow(exited);
  }

  watch(): Promise<void> {
    // The warden tells.
    return this.vacated;
  }

  async sweep(): Promise<Sweep> {
    if (this.#isVacant) return { live: [], isVacant: true };
    const { entries } = await this.#source.scan();
    return { live: this.#below(this.#findWarden(entries), entries), isVacant: this.#isVacant };
  }

  async kill(): Promise<void> {
    const startedAtMs = performance.now();
    let delayMs = firstPollDelayMs;
    while (!this.#isVacant) {
      const live = await this.#killOnce();
      const isOver = await Promise.race([this.vacated.then(() => true), sleep(delayMs, false)]);
      if (isOver) return;
      if (performance.now() - startedAtMs > killLimitMs)
        throw survivors(live.length > 0 ? live : [this.#bwrap]);
      delayMs = nextPollDelayMs(delayMs);
    }
  }

  /** @returns Who was alive before. */
  async #killOnce(): Promise<readonly ProcessEntry[]> {
    try {
      const { entries } = await this.#source.scan();
      const warden = this.#findWarden(entries);
      if (warden === undefined) this.#killBwrap();
      // With the warden the system kills all its members, and bwrap goes after that.
      else sendSignal(this.#source, [warden], 'SIGKILL');
      return this.#below(warden, entries);
    } catch {
      // Whoever can read nothing (no file descriptors left) can still kill bwrap, which takes the warden with it.
      this.#killBwrap();
      return [];
    }
  }

  async #identify(warden: Promise<number | undefined>): Promise<void> {
    const pid = await warden;
    if (pid === undefined) return;
    // Unless the table cannot be read (no file descriptors left): then the next sweep finds it.
    this.#warden ??= await this.#source.identify(pid).catch(() => undefined);
  }

  async #follow(exited: Promise<ExitStatus>): Promise<void> {
    const { code } = await exited;
    // A warden that has ended, by itself or not, ended after its members, and bwrap after it. Only when bwrap was
    // killed, and takes the warden with it, are they a little late.
    if (code === null) await this.#wardenGone();
    this.#isVacant = true;
  }

  async #wardenGone(): Promise<void> {
    for (let delayMs = firstPollDelayMs; ; delayMs = nextPollDelayMs(delayMs)) {
      const table = await this.#source.scan().catch(() => undefined);
      if (table !== undefined && !this.#isWardenAlive(table.entries)) return;
      await sleep(delayMs);
    }
  }

  #isWardenAlive(entries: readonly ProcessEntry[]): boolean {
    const known = this.#warden;
    return (
      known !== undefined &&
      entries.some((entry) => !entry.isDead && identityKey(entry) === identityKey(known))
    );
  }

  #findWarden(entries: readonly ProcessEntry[]): ProcessIdentity | undefined {
    this.#warden ??= entries.find(
      (entry) => entry.parentPid === this.#bwrap.pid && entry.startTime >= this.#bwrap.startTime,
    );
    return this.#warden;
  }

  #below(warden: ProcessIdentity | undefined, entries: readonly ProcessEntry[]): ProcessEntry[] {
    if (warden === undefined) return [];
    const found = new Set<ProcessEntry>();
    const parents = new Set([warden.pid]);
    // Repeated until nobody is added: the table is not sorted by birth, and pids wrap around.
    for (let size = -1; size < found.size;) {
      size = found.size;
      for (const entry of entries) {
        if (!parents.has(entry.parentPid) || entry.startTime < warden.startTime) continue;
        found.add(entry);
        parents.add(entry.pid);
      }
    }
    return [...found].filter((entry) => !entry.isDead).sort(byAge);
  }
}

function survivors(live: readonly ProcessIdentity[]): ProcessError {
  const pids = live.map(({ pid }) => pid);
  return new ProcessError(
    'treeNotEmpty',
    `Processes ${pids.join(', ')} of a namespace are alive after ${killLimitMs} ms of SIGKILL.`,
    { pids },
  );
}

import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { drain } from './drain.ts';
import { checkDuration } from './duration.ts';
import { exterminate } from './extermination.ts';
import { freeze } from './freeze.ts';
import type { ExitStatus, Leader } from './leader.ts';
import type { Member, Membership } from './membership.ts';
import { firstPollDelayMs, nextPollDelayMs } from './poll-delay.ts';
import type { ProcessTableSource } from './process-table.ts';
import { sendSignal } from './send-signal.ts';
import { StopLadder } from './stop-ladder.ts';
import type { Tree } from './tree.ts';

/** The parts of a {@link PortableTree}. */
export interface PortableTreeParts {
  readonly id: string;
  readonly leader: Leader;
  readonly membership: Membership;
  readonly source: ProcessTableSource;
}

/** A tree held together by looking at the process table: careful, but no wall against a hostile program. */
export class PortableTree implements Tree {
  readonly id: string;
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ExitStatus>;
  readonly #membership: Membership;
  readonly #source: ProcessTableSource;
  readonly #ladder: StopLadder;
  #lastControl: Promise<void> = Promise.resolve();
  #isPaused = false;

  constructor({ id, leader, membership, source }: PortableTreeParts) {
    this.id = id;
    this.pid = leader.pid;
    this.stdin = leader.stdin;
    this.stdout = leader.stdout;
    this.stderr = leader.stderr;
    this.exited = leader.exited;
    this.#membership = membership;
    this.#source = source;
    this.#ladder = new StopLadder({
      ask: () => this.#ask(),
      vacated: membership.vacated,
      kill: () => exterminate(membership, source),
    });
    // Looks for the end from the leader's exit on, whether or not somebody waits for it: groups are told apart
    // from later ones of the same number only by one who looks soon.
    void this.#watch();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  async members(): Promise<readonly Member[]> {
    const { live } = await this.#membership.sweep();
    return live;
  }

  pause(): Promise<void> {
    return this.#control(async () => {
      if (this.#isPaused) return;
      const hasStopped = await freeze({
        membership: this.#membership,
        source: this.#source,
        isAbandoned: () => this.#ladder.isClimbing,
        isWaitingForStill: true,
      });
      this.#isPaused = hasStopped && !this.#ladder.isClimbing;
    });
  }

  resume(): Promise<void> {
    return this.#control(async () => {
      const live = await this.members();
      if (this.#ladder.isClimbing) return;
      this.#isPaused = false;
      // Children first, so that no parent finds a child of its own stopped.
      sendSignal(this.#source, live.toReversed(), 'SIGCONT');
    });
  }

  async interrupt(): Promise<void> {
    const live = await this.members();
    sendSignal(
      this.#source,
      live.filter((member) => member.groupId === this.pid),
      'SIGINT',
    );
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    checkDuration('graceMs', graceMs);
    await this.#ladder.climb(graceMs);
    this.#isPaused = false;
  }

  async drained({ timeoutMs }: { readonly timeoutMs: number }): Promise<boolean> {
    checkDuration('timeoutMs', timeoutMs);
    return await drain([this.stdout, this.stderr], timeoutMs);
  }

  empty(): Promise<void> {
    return this.#membership.vacated;
  }

  /** Pauses and resumes happen one after the other, in the order of the calls, and not once a stop has begun. */
  #control(action: () => Promise<void>): Promise<void> {
    const control = this.#lastControl.then(() => (this.#ladder.isClimbing ? undefined : action()));
    this.#lastControl = control.catch(() => {});
    return control;
  }

  async #ask(): Promise<void> {
    // A pause under way ends early, but its last signals must not come after the SIGCONT below.
    await this.#lastControl;
    const live = await this.members();
    sendSignal(this.#source, live, 'SIGTERM');
    sendSignal(
      this.#source,
      live.filter((member) => this.#isPaused || member.isStopped).toReversed(),
      'SIGCONT',
    );
    this.#isPaused = false;
  }

  async #watch(): Promise<void> {
    await this.exited;
    this.#membership.noteLeaderExit();
    let delayMs = firstPollDelayMs;
    for (;;) {
      // A table that could not be read (no file descriptors left) says nothing; the next one may.
      const sweep = await this.#membership.sweep().catch(() => undefined);
      if (sweep?.isVacant === true) return;
      await sleep(delayMs);
      delayMs = nextPollDelayMs(delayMs);
    }
  }
}

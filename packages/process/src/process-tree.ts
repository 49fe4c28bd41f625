import type { Readable, Writable } from 'node:stream';
import { drain } from './drain.ts';
import { checkDuration } from './duration.ts';
import { freeze } from './freeze.ts';
import type { ExitStatus, Leader } from './leader.ts';
import type { Member, Membership } from './membership.ts';
import type { ProcessTableSource } from './process-table.ts';
import { sendSignal } from './send-signal.ts';
import { StopLadder } from './stop-ladder.ts';
import type { Tree } from './tree.ts';

/** The parts of a {@link ProcessTree}. */
export interface ProcessTreeParts {
  readonly id: string;
  readonly leader: Leader;
  readonly membership: Membership;
  readonly source: ProcessTableSource;
}

/** A tree over the membership of either kind of containment. */
export class ProcessTree implements Tree {
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

  constructor({ id, leader, membership, source }: ProcessTreeParts) {
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
      kill: () => membership.kill(),
    });
    void membership.watch(leader.exited);
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
}

import type { Readable, Writable } from 'node:stream';
import type { ExitStatus } from './leader.ts';
import type { Member } from './membership.ts';

/** A process with everything it has started, wherever that has gone. */
export interface Tree {
  readonly id: string;
  /** The leader's pid. */
  readonly pid: number;
  /** Null when the spec asked for none. Errors of it (EPIPE) never go unheard. */
  readonly stdin: Writable | null;
  /** Raw bytes, kept until they are read, also after the leader's end. Who does not read blocks the writers. */
  readonly stdout: Readable;
  /** As {@link Tree.stdout}. */
  readonly stderr: Readable;
  /** The leader's end. Other members may live on, and output may still come. */
  readonly exited: Promise<ExitStatus>;
  /** Whether `pause` has been done and neither `resume` nor `stop` has followed. */
  readonly isPaused: boolean;
  /** The live members at this moment, parents before children; [] once the tree is empty. */
  members(): Promise<readonly Member[]>;
  /**
   * Stops every member with SIGSTOP until all stand still. Does nothing once the tree is being stopped or is empty.
   * A member that waits in the kernel stops before it runs again.
   */
  pause(): Promise<void>;
  /** Continues every member with SIGCONT, also one that had stopped itself. Nothing once the tree is being stopped. */
  resume(): Promise<void>;
  /** SIGINT to the members of the leader's group, as Ctrl-C sends it. A paused tree gets it when it is resumed. */
  interrupt(): Promise<void>;
  /**
   * Ends the tree: SIGTERM to all who live now (and SIGCONT to the stopped ones, who could not react), up to `graceMs`,
   * then SIGKILL to all until nobody is left. Resolves when the tree is empty. Calls share one stop; a later one can
   * only shorten the grace.
   *
   * @param options.graceMs From 0 (kill at once) to Infinity (never kill).
   * @throws ProcessError `badArgument`; `treeNotEmpty` when members outlive ten seconds of SIGKILL.
   */
  stop(options: { readonly graceMs: number }): Promise<void>;
  /**
   * Waits until stdout and stderr have been read to their end. False when the time is over: then both are destroyed,
   * and what nobody had read is lost.
   *
   * @param options.timeoutMs From 0 to Infinity.
   * @throws ProcessError `badArgument`.
   */
  drained(options: { readonly timeoutMs: number }): Promise<boolean>;
  /** Resolves when no live member is left. */
  empty(): Promise<void>;
}

/** A fixture program whose processes tell by heartbeats that they live. */
export interface BeatingProgram {
  /** File name of the fixture. It takes the folder for heartbeats, and `leave` if its leader shall end at once. */
  readonly name: string;
  /** The role of the process that it leaves; with `leave` the only one there is, without it there is also `leader`. */
  readonly left: 'child' | 'daemon' | 'hopper';
  /** Whether it gets away from whoever looks for it in the process table only: there is no trace to find it by. */
  readonly mayEscape: boolean;
}

/** One for each way to get out of sight. */
export const beatingPrograms: readonly BeatingProgram[] = [
  { name: 'beats-and-forks.sh', left: 'child', mayEscape: false },
  { name: 'beats-in-other-session.sh', left: 'child', mayEscape: false },
  { name: 'beats-as-daemon.sh', left: 'daemon', mayEscape: false },
  { name: 'beats-unmarked.sh', left: 'child', mayEscape: false },
  { name: 'beats-despite-sigterm.sh', left: 'child', mayEscape: false },
  { name: 'beats-holding-stdout.sh', left: 'child', mayEscape: false },
  { name: 'beats-then-stops.sh', left: 'child', mayEscape: false },
  { name: 'beats-as-unmarked-daemon.sh', left: 'daemon', mayEscape: true },
  { name: 'beats-while-hopping.pl', left: 'hopper', mayEscape: true },
];

/** Names one process for good: a pid is given to another process some day, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process began, in a unit of the platform (Linux: clock ticks since boot). Only compared. */
  readonly startTime: number;
}

/** One line of the process table. */
export interface ProcessEntry extends ProcessIdentity {
  readonly parentPid: number;
  /** Process group; 0 when the platform gives none. */
  readonly groupId: number;
  /** Session; 0 when the platform gives none. */
  readonly sessionId: number;
  /** It has ended and only waits to be collected. Where nobody collects, such entries stay for ever. */
  readonly isDead: boolean;
  /** It does not run because of a stop signal or a debugger. */
  readonly isStopped: boolean;
  /** It waits in the kernel and takes note of signals only afterwards. */
  readonly isUninterruptible: boolean;
  /** The tree its environment names, if that is a tree of this host. */
  readonly treeId: string | undefined;
}

/** A key for sets and maps that is equal exactly for the same process. */
export function identityKey(identity: ProcessIdentity): string {
  return `${identity.pid}:${identity.startTime}`;
}

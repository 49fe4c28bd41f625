import type { ProcessEntry, ProcessIdentity } from './process-entry.ts';

/** The processes of the machine at about one moment. */
export interface ProcessTable {
  readonly entries: readonly ProcessEntry[];
  /**
   * False when processes kept coming and going while the table was read: one may have been missed, so that
   * absence from this table proves nothing.
   */
  readonly isConclusive: boolean;
}

/** Where process tables come from. */
export interface ProcessTableSource {
  /** Reads the table. The reading starts after the call; callers of the same moment share one. */
  scan(): Promise<ProcessTable>;
  /** Who has this pid now. On Linux the reading happens before the call returns. */
  identify(pid: number): Promise<ProcessIdentity | undefined>;
  /** Whether the pid still belongs to this very process, as far as that can be told without a scan. */
  isCurrent(identity: ProcessIdentity): boolean;
}

/** Lets all who ask within one turn of the event loop share a reading that begins after each of them has asked. */
export function shareReadings(read: () => Promise<ProcessTable>): () => Promise<ProcessTable> {
  let next: Promise<ProcessTable> | undefined;
  return () => {
    next ??= new Promise((resolve) => {
      setImmediate(() => {
        next = undefined;
        // A reading that throws (no file descriptors left) must reject, not end the whole program.
        resolve(Promise.try(read));
      });
    });
    return next;
  };
}

import { errnoOf } from './errno.ts';
import type { ProcessIdentity } from './process-entry.ts';
import type { ProcessTableSource } from './process-table.ts';

/**
 * Sends a signal to each of these very processes, in the order given. One that has gone meanwhile, whose pid
 * went to somebody else, or that may not be signalled is passed over.
 */
export function sendSignal(
  source: ProcessTableSource,
  targets: readonly ProcessIdentity[],
  signal: NodeJS.Signals,
): void {
  for (const target of targets) {
    // Pids of 1 and below mean the system's first process, our own group, or everybody.
    if (target.pid <= 1 || target.pid === process.pid || !source.isCurrent(target)) continue;
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      if (errnoOf(error) !== 'ESRCH' && errnoOf(error) !== 'EPERM') throw error;
    }
  }
}

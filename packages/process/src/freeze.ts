import { setTimeout as sleep } from 'node:timers/promises';
import type { Membership } from './membership.ts';
import { firstPollDelayMs, nextPollDelayMs } from './poll-delay.ts';
import { identityKey } from './process-entry.ts';
import type { ProcessTableSource } from './process-table.ts';
import { sendSignal } from './send-signal.ts';

// Far more than it takes; it bounds the race against a program that forks faster than the table is read.
const limitMs = 1000;

/** How {@link freeze} goes about it. */
export interface FreezeOptions {
  readonly membership: Membership;
  readonly source: ProcessTableSource;
  /** Asked between rounds: true ends the work early. */
  readonly isAbandoned: () => boolean;
  /** Whether members that have been told to stop must also be seen to stand still. */
  readonly isWaitingForStill: boolean;
}

/**
 * Sends SIGSTOP to all members until a table shows nobody new and nobody still running: a member may fork
 * between the table and its signal, but never after it. One that waits in the kernel counts as stopped, since
 * it stops before it runs again. Parents are stopped first, so that none sees its child stop.
 *
 * @returns Whether there was anybody to stop.
 */
export async function freeze({
  membership,
  source,
  isAbandoned,
  isWaitingForStill,
}: FreezeOptions): Promise<boolean> {
  const signalled = new Set<string>();
  const startedAtMs = performance.now();
  let delayMs = firstPollDelayMs;
  while (!isAbandoned() && performance.now() - startedAtMs < limitMs) {
    const { live } = await membership.sweep();
    if (isAbandoned()) break;
    const fresh = live.filter((member) => !signalled.has(identityKey(member)));
    sendSignal(source, fresh, 'SIGSTOP');
    for (const member of fresh) signalled.add(identityKey(member));
    if (fresh.length === 0) {
      const isStill = live.every((member) => member.isStopped || member.isUninterruptible);
      if (isStill || !isWaitingForStill) break;
      await sleep(delayMs);
      delayMs = nextPollDelayMs(delayMs);
    }
  }
  return signalled.size > 0;
}

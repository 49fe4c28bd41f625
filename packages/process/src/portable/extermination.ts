import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessError } from '../errors.ts';
import { freeze } from '../freeze.ts';
import type { Member, Membership, Sweep } from '../membership.ts';
import { firstPollDelayMs, nextPollDelayMs } from '../poll-delay.ts';
import type { ProcessTableSource } from '../process-table.ts';
import { sendSignal } from '../send-signal.ts';

const killLimitMs = 10_000;

/**
 * Kills every member, again and again until the membership is vacant. Members are stopped before they are
 * killed: a stopped parent still shows whose children its children are, a killed one has lost them.
 *
 * @throws ProcessError `treeNotEmpty` when somebody is still alive after ten seconds.
 */
export async function exterminate(membership: Membership, source: ProcessTableSource): Promise<void> {
  const startedAtMs = performance.now();
  let delayMs = firstPollDelayMs;
  for (;;) {
    const hasTime = performance.now() - startedAtMs < killLimitMs;
    try {
      const { live, isVacant } = await killOnce(membership, source);
      if (isVacant) return;
      if (live.length > 0 && !hasTime) throw survivors(live);
    } catch (error) {
      // The table could not be read, for instance for want of file descriptors.
      if (!hasTime) throw error;
    }
    await sleep(delayMs);
    delayMs = nextPollDelayMs(delayMs);
  }
}

async function killOnce(membership: Membership, source: ProcessTableSource): Promise<Sweep> {
  await freeze({ membership, source, isAbandoned: () => false, isWaitingForStill: false });
  const sweep = await membership.sweep();
  sendSignal(source, sweep.live, 'SIGKILL');
  return sweep;
}

function survivors(live: readonly Member[]): ProcessError {
  const pids = live.map((member) => member.pid);
  return new ProcessError(
    'treeNotEmpty',
    `Processes ${pids.join(', ')} are alive after ${killLimitMs} ms of SIGKILL.`,
    { pids },
  );
}

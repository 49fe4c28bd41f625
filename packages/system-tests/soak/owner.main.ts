import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProcessHost } from '@cc-executor/process';
import { fixtureSpec } from '@cc-executor/testkit';
import { machineMs, untilMachineMs } from './machine-clock.ts';
import { OwnerTask, type OwnerReport } from './owner-task.ts';

// The process that is killed: it opens a host and starts a program in it. The task comes by the environment, since
// whoever has the folder for heartbeats among its arguments is counted as a survivor.
const task = OwnerTask.parse(JSON.parse(process.env['OWNER_TASK'] ?? ''));

/** Returns only when it is written: a kill right behind it must not take it back. */
function report(message: OwnerReport): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

const host = await openProcessHost({
  instanceId: task.instanceId,
  journalPath: task.journalPath,
  path: process.env['PATH'] ?? '',
  containment: task.tier === 'pidns' ? 'require' : 'portable',
});
report({ at: 'opened', atMs: machineMs(), guardian: host.guardian.pid });
if (task.program !== undefined) {
  if (task.isWarm === true) {
    const first = await host.spawn(fixtureSpec('exits-with.sh'));
    await first.empty();
    await sleep(100);
  }
  // Announced, since a kill that follows a report comes too late for what takes a millisecond.
  const spawnAtMs = machineMs() + 25;
  report({ at: 'ready', atMs: machineMs(), spawnAtMs });
  await untilMachineMs(spawnAtMs);
  report({ at: 'spawning', atMs: machineMs() });
  try {
    const tree = await host.spawn(fixtureSpec(task.program.name, task.program.args));
    report({ at: 'started', atMs: machineMs() });
    tree.stdout.resume();
    tree.stderr.resume();
  } catch (error) {
    report({ at: 'refused', atMs: machineMs(), reason: String(error) });
  }
}
const timer = setInterval(() => {
  const { pid, restarts } = host.guardian;
  if (restarts === 0 || pid === 0) return;
  report({ at: 'guardedAgain', atMs: machineMs(), guardian: pid });
  clearInterval(timer);
}, 5);
// Whoever started this one has died itself: nothing may be left then either.
process.stdin.on('end', () => void host[Symbol.asyncDispose]().then(() => process.exit(0)));
process.stdin.resume();

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process lives. One that has ended and was not collected is dead, though signals still reach its pid. */
export function isAlive(pid: number): boolean {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Resolves when a process is dead. A test that waits in vain ends by its own time-out. */
export async function untilDead(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(5);
}

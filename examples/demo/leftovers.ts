import { readdirSync, readFileSync } from 'node:fs';

/** Live processes that have `marker` in their environment: what the demo may have left behind. */
export function processesWith(marker: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const isDead = /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
        return !isDead && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker);
      } catch {
        // It ended while we looked, or it is somebody else's.
        return false;
      }
    });
}

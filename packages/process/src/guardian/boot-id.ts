import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Names this start of the machine. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // macOS: the time of the start, coarse enough to be the same whenever it is asked for.
    return `boot-${Math.round((Date.now() / 1000 - uptime()) / 60)}`;
  }
}

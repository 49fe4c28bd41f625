import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds of a clock that all processes of the machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Resolves at that time, as exactly as it can be done: timers are too coarse by a whole millisecond. */
export async function untilMachineMs(atMs: number): Promise<void> {
  const leftMs = atMs - machineMs();
  if (leftMs > 3) await sleep(leftMs - 2);
  while (machineMs() < atMs);
}

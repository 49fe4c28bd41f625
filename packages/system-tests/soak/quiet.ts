import { setTimeout as sleep } from 'node:timers/promises';
import { processesNaming, type HeartbeatFolder } from '@cc-executor/testkit';
import { machineMs } from './owner-task.ts';

/** What to wait for. */
export interface QuietOptions {
  /** The instance whose guardian must have gone before it counts as quiet. */
  readonly instanceId?: string;
  /** For how long nobody may be seen, in milliseconds: one who starts late is seen too. */
  readonly quietMs: number;
  /** How long somebody may still be seen once the guardian has gone, in milliseconds. */
  readonly settleMs: number;
}

/** A guardian that has not gone by then never will: it gives up on who survives ten seconds of SIGKILL. */
const guardianLimitMs = 30_000;

/**
 * Watches until nobody beats and nobody is there who could.
 *
 * @returns When somebody was last seen, as of {@link machineMs}; undefined when there still is somebody.
 */
export async function untilQuiet(
  folder: HeartbeatFolder,
  { instanceId, quietMs, settleMs }: QuietOptions,
): Promise<number | undefined> {
  const startedAtMs = machineMs();
  let lastSeenAtMs = startedAtMs;
  let guardedUntilMs = startedAtMs;
  let beats = await folder.beats();
  for (;;) {
    const [beatsNow, named, guardians] = await Promise.all([
      folder.beats(),
      folder.named(),
      instanceId === undefined ? [] : processesNaming(instanceId),
    ]);
    const nowMs = machineMs();
    if (guardians.length > 0) guardedUntilMs = nowMs;
    if (beatsNow > beats || named.length > 0) lastSeenAtMs = nowMs;
    beats = beatsNow;
    if (guardedUntilMs < nowMs) {
      if (nowMs - lastSeenAtMs >= quietMs) return lastSeenAtMs;
      if (nowMs - guardedUntilMs >= settleMs + quietMs) return undefined;
    }
    if (nowMs - startedAtMs >= guardianLimitMs) return undefined;
    await sleep(5);
  }
}

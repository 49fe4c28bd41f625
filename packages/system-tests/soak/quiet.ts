import { setTimeout as sleep } from 'node:timers/promises';
import type { HeartbeatFolder } from '@cc-executor/testkit';
import { findKeepers } from './keepers.ts';
import { machineMs } from './machine-clock.ts';

/** What to wait for. */
export interface QuietOptions {
  /** The instance whose guardian and gates must have gone before it counts as quiet. */
  readonly instanceId?: string;
  /** For how long nobody may be seen, in milliseconds: one who starts late is seen too. */
  readonly quietMs: number;
  /** How long somebody may still be seen once they have gone, in milliseconds. */
  readonly settleMs: number;
}

/** A guardian that has not gone by then never will: it gives up on who survives ten seconds of SIGKILL. */
const keeperLimitMs = 30_000;

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
  let keptUntilMs = startedAtMs;
  let beats = await folder.beats();
  for (;;) {
    const [beatsNow, named, keepers] = await Promise.all([
      folder.beats(),
      folder.named(),
      instanceId === undefined ? [] : findKeepers(instanceId, folder.path),
    ]);
    const nowMs = machineMs();
    if (keepers.length > 0) keptUntilMs = nowMs;
    if (beatsNow > beats || named.length > 0) lastSeenAtMs = nowMs;
    beats = beatsNow;
    if (keptUntilMs < nowMs) {
      if (nowMs - lastSeenAtMs >= quietMs) return lastSeenAtMs;
      if (nowMs - keptUntilMs >= settleMs + quietMs) return undefined;
    }
    if (nowMs - startedAtMs >= keeperLimitMs) return undefined;
    await sleep(5);
  }
}

import { z } from 'zod';
import { Containment } from './containment.ts';

/** The version of the protocol that this package speaks. */
export const PROTOCOL_VERSION = 1;

/** Why it is not `pidns`; absent when it is. */
const containmentReason = z.string().optional();

/** The first request on a connection; any other before it is refused. */
export const InitializeParams = z.strictObject({
  protocolVersion: z.number().int(),
  client: z.strictObject({ name: z.string().min(1).max(100), version: z.string().min(1).max(100) }),
  capabilities: z.record(z.string(), z.unknown()).default({}),
});
export const InitializeResult = z.object({
  protocolVersion: z.number().int(),
  serverInfo: z.object({ name: z.string(), version: z.string() }),
  limits: z.object({
    maxFrameBytes: z.number().int(),
    maxCreditBytes: z.number().int(),
    maxLiveJobs: z.number().int(),
  }),
  containment: Containment,
  containmentReason,
  /** Changes when the policy does. */
  policyHash: z.string(),
  connectionId: z.string(),
});

const count = z.number().int().nonnegative();

export const StatusParams = z.strictObject({});
export const StatusResult = z.object({
  version: z.string(),
  pid: z.number().int(),
  startedAt: z.iso.datetime(),
  stateDir: z.string(),
  containment: Containment,
  containmentReason,
  /** Why jobs cannot have `limits` here; absent where they can. */
  limitsReason: z.string().optional(),
  /** The process that ends all jobs when the executor dies, and how often it had to be started again. */
  guardian: z.object({ pid: count, restarts: count }),
  policyHash: z.string(),
  connections: count,
  jobs: z.object({ live: count, ended: count }),
  lanes: z.record(z.string(), z.object({ concurrency: count, running: count, queued: count })),
  /** All logs together: what they hold in memory and on disk, and what was dropped since the executor started. */
  logs: z.object({
    memoryBytes: count,
    maxMemoryBytes: count,
    diskBytes: count,
    maxDiskBytes: count,
    droppedBytes: count,
    droppedLines: count,
    /** Jobs that wait for a follower to consume. */
    blockedJobs: count,
  }),
  rssBytes: count,
});

/** End the executor: live jobs are cancelled, then it exits. Answers before it begins. */
export const StopParams = z.strictObject({});
export const StopResult = z.object({ liveJobs: count });

import { ResourceLimits } from '@cc-executor/protocol';
import { z } from 'zod';
import { PolicyConfig } from './policy/policy-config.ts';

const lane = z.strictObject({ concurrency: z.number().int().min(1).max(1000) });
const seconds = z
  .number()
  .positive()
  .max(14 * 24 * 3600);

/**
 * How the processes of jobs are kept together. `prefer`: in pid namespaces where the machine gives them. `require`:
 * so, or the executor does not start. `portable`: never so.
 */
export const ContainmentSetting = z.enum(['prefer', 'require', 'portable']);
export type ContainmentSetting = z.infer<typeof ContainmentSetting>;

/** The config file: JSON. Flags and environment beat it, it beats the defaults. */
export const ConfigFile = z.strictObject({
  $schema: z.string().optional(),
  /** Address to listen on. Others than loopback need `allowedHosts` and token authentication. */
  host: z.string().min(1).optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  /** Path of the Unix socket. */
  socket: z.string().min(1).optional(),
  auth: z.enum(['token', 'none']).optional(),
  /** Values of the Host header that are accepted besides loopback, for executors behind TLS. */
  allowedHosts: z.array(z.string().min(1)).max(100).optional(),
  /** The Claude CLI to use. */
  claudePath: z.string().min(1).optional(),
  /** Seconds. @default 600 for commands, 3600 for Claude jobs */
  defaultTimeout: seconds.optional(),
  /** Seconds until a process must have begun; a Claude has when it has said `init`. @default 60 */
  startTimeout: seconds.optional(),
  /** @default prefer */
  containment: ContainmentSetting.optional(),
  /** Limits for the processes of every job; a job may ask for lower ones. @default none */
  limits: ResourceLimits.optional(),
  /** How many jobs of a lane run at once. @default command 16, claude 4 */
  lanes: z.record(z.string().min(1).max(64), lane).optional(),
  /** How many Claudes start up at the same time. @default the number of cores */
  claudeStarts: z.number().int().min(1).max(1000).optional(),
  /** Jobs queued or running at once. @default 1000 */
  maxLiveJobs: z.number().int().min(1).max(100_000).optional(),
  /** Jobs started in a second, over all clients. @default 100 */
  maxStartsPerSecond: z.number().int().min(1).max(100_000).optional(),
  /** Ended jobs whose record and output are kept. @default 1000 */
  maxEndedJobs: z.number().int().min(0).max(1_000_000).optional(),
  /** Seconds that ended jobs are kept. @default 14 days */
  maxEndedAge: z.number().int().min(0).optional(),
  /** Bytes on disk of all logs; the output of the oldest ended jobs goes first. @default 10 GiB */
  maxStoredBytes: z
    .number()
    .int()
    .min(1024 * 1024)
    .optional(),
  /** Bytes of one job's log that are kept; what happens beyond is up to its `retention`. @default 1 GiB */
  maxOutputBytes: z
    .number()
    .int()
    .min(1024 * 1024)
    .optional(),
  /** Bytes in memory of all logs, besides what waits for the disk. @default 16 MiB */
  maxLogMemoryBytes: z.number().int().min(0).optional(),
  /** Seconds that a follower may keep something from being sent before it is detached. @default 300 */
  stallTimeout: seconds.optional(),
  policy: PolicyConfig.prefault({}),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** Everything an executor is set up with. */
export interface ExecutorSettings {
  readonly version: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: no Unix socket. */
  readonly socketPath: string | undefined;
  readonly stateDir: string;
  /** Undefined: anyone on this machine may use it. */
  readonly token: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly claudePath: string | undefined;
  readonly commandTimeoutMs: number;
  readonly claudeTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly containment: ContainmentSetting;
  /** Undefined: none. */
  readonly limits: ResourceLimits | undefined;
  readonly lanes: Readonly<Record<string, { readonly concurrency: number }>>;
  readonly claudeStarts: number;
  readonly maxLiveJobs: number;
  readonly maxStartsPerSecond: number;
  readonly maxEndedJobs: number;
  readonly maxStoredBytes: number;
  readonly maxOutputBytes: number;
  readonly maxEndedAgeMs: number;
  readonly maxLogMemoryBytes: number;
  readonly stallTimeoutMs: number;
  readonly policy: PolicyConfig;
  /** Where an operator mends the policy. */
  readonly policyFile: string;
  /** The folder of jobs whose client names none, which only classic clients do. */
  readonly cwd: string;
  /** The executor's own environment; jobs get what is listed of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** End after so long without jobs and connections, in milliseconds. Undefined: never. */
  readonly idleExitMs: number | undefined;
}

/** What holds when nobody said otherwise. Durations and sizes are as documented at the config file. */
export const defaultSettings = {
  host: '127.0.0.1',
  port: 8004,
  commandTimeoutMs: 600_000,
  claudeTimeoutMs: 3_600_000,
  startTimeoutMs: 60_000,
  containment: 'prefer',
  limits: undefined,
  lanes: { command: { concurrency: 16 }, claude: { concurrency: 4 } },
  maxLiveJobs: 1_000,
  maxStartsPerSecond: 100,
  maxEndedJobs: 1_000,
  maxStoredBytes: 10 * 1024 ** 3,
  maxOutputBytes: 1024 ** 3,
  maxEndedAgeMs: 14 * 24 * 3600 * 1000,
  maxLogMemoryBytes: 16 * 1024 ** 2,
  stallTimeoutMs: 300_000,
} as const;

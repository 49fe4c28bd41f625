export { buildEnvironment, type EnvironmentOptions } from './environment.ts';
export { ProcessError, type ProcessErrorCode, type ProcessErrorDetails } from './errors.ts';
export type { ExitStatus } from './leader.ts';
export type { Member } from './membership.ts';
export {
  openProcessHost,
  type Containment,
  type ProcessHost,
  type ProcessHostOptions,
} from './process-host.ts';
export { resolveProgram, type ResolvedProgram, type ResolveOptions } from './resolve-program.ts';
export type { ResourceLimits } from './resource-limits.ts';
export type { OnDeathCommand, TreeSpec } from './tree-spec.ts';
export type { Tree } from './tree.ts';

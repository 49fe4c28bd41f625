export { openExecutor, type Executor } from './executor.ts';
export { UnfitMachineError } from './open-host.ts';
export { ConfigFile, ContainmentSetting, defaultSettings, type ExecutorSettings } from './settings.ts';
export { readRuntimeFile, type RuntimeInfo } from './runtime-file.ts';
export { StateDirectoryError } from './store/state-directory.ts';
export { Policy } from './policy/policy.ts';
export { PolicyConfig } from './policy/policy-config.ts';
export { everydayCommands } from './policy/everyday-commands.ts';
export { claudeEnvironmentNames } from './jobs/claude-environment.ts';

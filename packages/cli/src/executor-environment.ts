import { claudeEnvironmentNames } from '@cc-executor/executor';

type Environment = Readonly<Record<string, string | undefined>>;

const names: ReadonlySet<string> = new Set(
  ['HOME', 'USER', 'LOGNAME', 'LANG', 'TZ', 'TERM', 'TMPDIR', 'PATH'].concat(claudeEnvironmentNames),
);
const patterns = [/^LC_/, /^XDG_\w+_HOME$/, /^CC_EXECUTOR_/];

/** With these a running executor knows its trees; one that is started inside of a tree must not carry them on. */
const markers: ReadonlySet<string> = new Set(['CC_EXECUTOR_TREE_ID', 'CC_EXECUTOR_INSTANCE_ID']);

/** Whether a variable marks a process as part of a job. */
export function isMarker(name: string): boolean {
  return markers.has(name);
}

/**
 * What an executor that is started on demand gets of our environment. It outlives us and serves others, so
 * nothing comes along that only concerns this call.
 */
export function executorEnvironment(env: Environment): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isListed = names.has(name) || patterns.some((pattern) => pattern.test(name));
    if (value === undefined || !isListed || isMarker(name) || name === 'CC_EXECUTOR_WEBSOCKET_URL') continue;
    passed[name] = value;
  }
  // The older name of a setting counts as much, whoever starts the executor.
  const allowed = env['ALLOWED_COMMANDS'];
  if (allowed !== undefined) passed['CC_EXECUTOR_ALLOWED_COMMANDS'] ??= allowed;
  return passed;
}

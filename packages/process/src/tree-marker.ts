/** Environment variable that names the tree a process belongs to. */
export const treeIdVariable = 'CC_EXECUTOR_TREE_ID';

/** Environment variable that names the executor instance which started the tree. */
export const instanceIdVariable = 'CC_EXECUTOR_INSTANCE_ID';

/** The variables that mark every process of a tree, for as long as it does not wipe its environment. */
export function treeMarkers(instanceId: string, treeId: string): Record<string, string> {
  return { [treeIdVariable]: treeId, [instanceIdVariable]: instanceId };
}

/**
 * The tree that an environment names, or undefined when it names none or one of another instance.
 *
 * @param environment `NAME=value` entries, each ended by NUL.
 */
export function treeIdIn(environment: string, instanceId: string): string | undefined {
  const text = `\0${environment}`;
  if (!text.includes(`\0${instanceIdVariable}=${instanceId}\0`)) return undefined;
  const prefix = `\0${treeIdVariable}=`;
  const start = text.indexOf(prefix);
  if (start < 0) return undefined;
  const end = text.indexOf('\0', start + prefix.length);
  return end < 0 ? undefined : text.slice(start + prefix.length, end);
}

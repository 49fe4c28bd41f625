import { openLinuxProcessTable } from './linux-process-table.ts';
import type { ProcessTableSource } from './process-table.ts';
import { openPsProcessTable } from './ps-process-table.ts';

/**
 * The process table of this platform.
 *
 * @param instanceId Only markers of this instance count.
 * @param origin Whether the trees to be found were started by this process.
 */
export function openProcessTable(instanceId: string, origin: 'own' | 'foreign'): ProcessTableSource {
  return process.platform === 'linux'
    ? openLinuxProcessTable(instanceId, origin)
    : openPsProcessTable(instanceId);
}

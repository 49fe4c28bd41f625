import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcessHost } from '@cc-executor/process';

/** How jobs are kept together. */
export type Tier = 'portable' | 'pidns';

/**
 * The tiers to test. Where there are no namespaces, `pidns` is left out and the reason printed; under CI it is not
 * left out, and its tests fail.
 */
export async function findTiers(): Promise<readonly Tier[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ccx-'));
  await using host = await openProcessHost({
    instanceId: 'tiers',
    journalPath: join(folder.path, 'journal'),
    path: process.env['PATH'] ?? '',
  });
  if (host.containment === 'pidns' || process.env['CI'] === 'true') return ['portable', 'pidns'];
  console.warn(`The tier pidns is not tested: ${host.containmentReason}`);
  return ['portable'];
}

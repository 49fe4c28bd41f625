import { ProcessError } from './errors.ts';
import type { ProcessHost } from './process-host.ts';
import type { Containment } from './gate-keeper.ts';
import { openTestHost } from './test-host.ts';

/** Opens a host of one tier and no other. */
export function openTier(tier: Containment): Promise<ProcessHost> {
  return openTestHost({ containment: tier === 'pidns' ? 'require' : 'portable' });
}

/**
 * The tiers to test. Where there are no namespaces, `pidns` is left out and the reason printed; under CI it is not
 * left out, and its tests fail.
 */
export async function findTiers(): Promise<readonly Containment[]> {
  try {
    await using _host = await openTier('pidns');
  } catch (error) {
    if (!(error instanceof ProcessError) || error.code !== 'containmentUnavailable') throw error;
    if (process.env['CI'] !== 'true') {
      console.warn(`The tier pidns is not tested: ${error.message}`);
      return ['portable'];
    }
  }
  return ['portable', 'pidns'];
}

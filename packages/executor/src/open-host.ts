import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openProcessHost, ProcessError, type ProcessHost } from '@cc-executor/process';
import { strictestLimits } from './jobs/job-limits.ts';
import type { ExecutorSettings } from './settings.ts';

/** What an executor was set up with and this machine cannot give; `code` tells what. */
export class UnfitMachineError extends Error {
  override readonly name = 'UnfitMachineError';
  readonly code: 'containmentUnavailable' | 'guardianUnavailable' | 'limitsUnavailable';

  constructor(code: UnfitMachineError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Opens what starts and ends the processes of all jobs.
 *
 * @throws UnfitMachineError rather than do less than the settings ask for.
 */
export async function openHost(settings: ExecutorSettings, stateDir: string): Promise<ProcessHost> {
  await using building = new AsyncDisposableStack();
  const host = building.use(await open(settings, stateDir));
  const { limitsReason } = host;
  if (strictestLimits(settings.limits) !== undefined && limitsReason !== undefined) {
    const message = `The settings limit what jobs may use, and this machine cannot hold them to it: ${limitsReason}`;
    throw new UnfitMachineError('limitsUnavailable', message);
  }
  building.move();
  return host;
}

async function open({ containment, environment }: ExecutorSettings, stateDir: string): Promise<ProcessHost> {
  try {
    return await openProcessHost({
      instanceId: randomUUID(),
      journalPath: join(stateDir, 'journal'),
      path: environment['PATH'] ?? '',
      containment,
    });
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    const { code, message, details } = error;
    if (code === 'containmentUnavailable') {
      const reason = String(details['reason'] ?? message);
      const what = `Containment in a pid namespace is required, and this machine does not give it: ${reason}`;
      throw new UnfitMachineError(code, what, { cause: error });
    }
    if (code === 'guardianUnavailable') throw new UnfitMachineError(code, message, { cause: error });
    throw error;
  }
}

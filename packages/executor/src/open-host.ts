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
  if (settings.containment === 'require' && host.containment !== 'pidns') {
    throw notContained(host.containmentReason ?? 'the reason is not known');
  }
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
    if (error.code === 'containmentUnavailable') throw notContained(error.message, { cause: error });
    if (error.code !== 'guardianUnavailable') throw error;
    throw new UnfitMachineError('guardianUnavailable', error.message, { cause: error });
  }
}

function notContained(reason: string, options?: ErrorOptions): UnfitMachineError {
  const message = `Containment in a pid namespace is required, and this machine does not give it: ${reason}`;
  return new UnfitMachineError('containmentUnavailable', message, options);
}

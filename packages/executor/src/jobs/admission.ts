import type { ProcessHost } from '@cc-executor/process';
import { RpcError, type ResourceLimits } from '@cc-executor/protocol';
import { StartRate } from '../queue/start-rate.ts';

/** Bounds on the starts of jobs. */
export interface AdmissionConfig {
  /** Jobs that may be queued or running at once. */
  readonly maxLiveJobs: number;
  /** Jobs that may be started in a second. */
  readonly maxStartsPerSecond: number;
}

/** What every start must pass, whoever asks for it and whatever it is. */
export class Admission {
  readonly #config: AdmissionConfig;
  readonly #rate: StartRate;

  constructor(config: AdmissionConfig) {
    this.#config = config;
    this.#rate = new StartRate(config.maxStartsPerSecond);
  }

  /** @throws RpcError `overloaded` when no job may be started now. */
  check(liveJobs: number): void {
    const { maxLiveJobs } = this.#config;
    if (liveJobs >= maxLiveJobs) {
      const data = { what: 'live jobs', limit: maxLiveJobs, retryAfterMs: 1_000 };
      throw new RpcError('overloaded', `There are ${maxLiveJobs} live jobs, which is the maximum`, data);
    }
    const { waitMs, perSecond } = this.#rate;
    if (waitMs > 0) {
      const data = { what: 'starts per second', limit: perSecond, retryAfterMs: waitMs };
      throw new RpcError('overloaded', `More than ${perSecond} jobs were started within a second`, data);
    }
  }

  /** Counts a start that has passed everything else. @throws as `check` does. */
  take(liveJobs: number): void {
    this.check(liveJobs);
    this.#rate.take();
  }
}

/** @throws RpcError `limitsUnavailable` when a job asks for limits that this machine cannot set. */
export function checkLimits(asked: ResourceLimits | undefined, host: ProcessHost): void {
  const reason = host.limitsReason;
  if (reason === undefined || asked === undefined || Object.keys(asked).length === 0) return;
  const message = `Jobs cannot have limits on this machine: ${reason}. Leave out "limits", or mend that`;
  throw new RpcError('limitsUnavailable', message, { reason });
}

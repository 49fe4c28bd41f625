import type { StartJobParams } from '@cc-executor/protocol';
import type { JobLogs } from './job-logs.ts';
import type { JobServices } from './job-options.ts';
import { Job } from './job.ts';
import type { Launch } from './launch.ts';

/** How long jobs may take that do not say it themselves, in milliseconds. */
export interface JobClockDefaults {
  readonly commandTimeoutMs: number;
  readonly claudeTimeoutMs: number;
  readonly startTimeoutMs: number;
}

/** A job that was asked for and may run. */
export interface JobRequest {
  readonly jobId: string;
  readonly params: StartJobParams;
  readonly lane: string;
  readonly launch: Launch;
  readonly paramsHash: string;
}

const TITLE_CHARS = 200;

/** Makes a job and its log, and records it. @throws Error when the disk refuses */
export function createJob(
  request: JobRequest,
  logs: JobLogs,
  services: JobServices & { readonly config: JobClockDefaults },
): Job {
  const { params, launch } = request;
  const { kind, retention } = params;
  const { config, host, store } = services;
  const number = store.takeNumber();
  const log = logs.create(
    { number, kind, retention },
    {
      onFault: ({ code, message }) => {
        const reason = code === 'quotaExceeded' ? 'outputQuota' : 'disk';
        job.fail({ status: 'failed', reason, message });
      },
      onBlocked: (isBlocked) => job.setBlocked(isBlocked),
      onDropped: () => job.recordLog(),
    },
  );
  const clocks = {
    startTimeoutMs: params.startTimeoutMs ?? config.startTimeoutMs,
    timeoutMs: params.timeoutMs ?? (kind === 'command' ? config.commandTimeoutMs : config.claudeTimeoutMs),
    idleTimeoutMs: params.idleTimeoutMs,
  };
  const containment = launch.tree.containment ?? host.containment;
  let job: Job;
  try {
    job = new Job({ ...request, number, title: titleOf(params), containment, clocks, log, services });
    return job;
  } catch (error) {
    // Nothing was put into it, so nothing is waited for.
    void log[Symbol.asyncDispose]();
    throw error;
  }
}

function titleOf(params: StartJobParams): string {
  const text = params.kind === 'claude' ? params.prompt : (params.command ?? params.argv?.join(' ') ?? '');
  return text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text;
}

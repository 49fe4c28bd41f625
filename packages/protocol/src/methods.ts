import type { z } from 'zod';
import * as executor from './executor-methods.ts';
import * as job from './job-methods.ts';
import { StartJobParams, StartJobResult } from './start-job.ts';

interface MethodRow {
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

/** Every request of the protocol, with the schemas of what it takes and answers. */
export const methods = {
  initialize: { params: executor.InitializeParams, result: executor.InitializeResult },
  'job/start': { params: StartJobParams, result: StartJobResult },
  'job/attach': { params: job.AttachJobParams, result: job.AttachJobResult },
  'job/detach': { params: job.DetachJobParams, result: job.DetachJobResult },
  'job/credit': { params: job.CreditJobParams, result: job.CreditJobResult },
  'job/search': { params: job.SearchJobParams, result: job.SearchJobResult },
  'job/read': { params: job.ReadJobParams, result: job.ReadJobResult },
  'job/write': { params: job.WriteJobParams, result: job.WriteJobResult },
  'job/closeStdin': { params: job.CloseStdinParams, result: job.CloseStdinResult },
  'job/pause': { params: job.ControlJobParams, result: job.ControlJobResult },
  'job/resume': { params: job.ControlJobParams, result: job.ControlJobResult },
  'job/interrupt': { params: job.ControlJobParams, result: job.ControlJobResult },
  'job/cancel': { params: job.CancelJobParams, result: job.ControlJobResult },
  'job/wait': { params: job.WaitJobParams, result: job.WaitJobResult },
  'job/get': { params: job.GetJobParams, result: job.GetJobResult },
  'job/list': { params: job.ListJobsParams, result: job.ListJobsResult },
  'executor/status': { params: executor.StatusParams, result: executor.StatusResult },
  'executor/stop': { params: executor.StopParams, result: executor.StopResult },
} as const satisfies Record<string, MethodRow>;

/** Name of a request of the protocol. */
export type MethodName = keyof typeof methods;
/** What a caller may pass; fields with a default may be left out. */
export type MethodInput<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
/** What a handler receives: defaults are filled in. */
export type MethodParams<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
/** What a request answers. */
export type MethodResult<M extends MethodName> = z.output<(typeof methods)[M]['result']>;

/** Whether a name is a request of the protocol. */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

import type { MethodInput, MethodName } from '@cc-executor/protocol';

/**
 * Whether a request whose reply was lost may be sent again, over another connection. What was not sent yet
 * always may.
 */
const repeatable: Record<MethodName, boolean> = {
  'job/get': true,
  'job/list': true,
  'job/read': true,
  'job/search': true,
  'job/wait': true,
  'executor/status': true,
  /** With a client-chosen `jobId`; see below. */
  'job/start': true,
  /** The executor writes each `writeId` once. */
  'job/write': true,
  'job/closeStdin': true,
  'job/pause': true,
  'job/resume': true,
  /** A later one can only shorten the grace. */
  'job/cancel': true,
  /** Each one is a SIGINT, and many programs take the second for "at once". */
  'job/interrupt': false,
  /** It would end an executor that has come up since. */
  'executor/stop': false,
  /** These are about one connection. */
  initialize: false,
  'job/attach': false,
  'job/detach': false,
  'job/credit': false,
};

/** Whether this request may be repeated when its reply was lost. */
export function isRepeatable<M extends MethodName>(method: M, params: MethodInput<M>): boolean {
  if (method === 'job/start') return 'jobId' in params && params.jobId !== undefined;
  return repeatable[method];
}

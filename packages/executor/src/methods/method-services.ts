import type { MethodResult } from '@cc-executor/protocol';
import type { Jobs } from '../jobs/jobs.ts';
import type { Handler } from '../rpc/router.ts';
import type { MethodName } from '@cc-executor/protocol';
import type { Session } from './session.ts';

/** What the methods work with. */
export interface MethodServices {
  readonly jobs: Jobs;
  /** What `initialize` answers besides the connection's id. */
  readonly describe: () => Omit<MethodResult<'initialize'>, 'connectionId' | 'protocolVersion'>;
  readonly status: () => MethodResult<'executor/status'>;
  /** Begins the end of the executor. */
  readonly requestStop: () => void;
}

/** Builds the handler of one method. */
export type Method<M extends MethodName> = (services: MethodServices) => Handler<M, Session>;

export { connectClient, type ConnectOptions } from './connect-client.ts';
export { ClientError, isClientError, type ClientErrorCode } from './client-error.ts';
export type { ControlAction, ExecutorClient } from './executor-client.ts';
export type { FollowOptions } from './follow-job.ts';
export type { Job } from './job.ts';
export type { ReconnectOptions } from './reconnect-rules.ts';
export type { WaitOptions } from './wait-for-jobs.ts';
export type { Closing, WebSocketLike } from './web-socket-like.ts';
export { randomJobId } from './random-job-id.ts';

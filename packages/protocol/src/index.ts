export { Outcome, FailureReason, CancelledBy, TimedOutWhich } from './outcome.ts';
export { Limit, LimitKind } from './limit.ts';
export { ClaudeResult, CommandResult, JobResult, TokenUsage } from './claude-result.ts';
export { ClaudeEvent } from './claude-event.ts';
export { AtQuota, Retention } from './retention.ts';
export { ResourceLimits } from './resource-limits.ts';
export { ClaudeSpec, PermissionMode, MAX_PROMPT_CHARS } from './claude-spec.ts';
export { Attempt, JobId, JobKind, JobState, JobStatus, JobView } from './job.ts';
export { Encoding, Include, LogEntry, OutputStream, type LogEntryType } from './log-entry.ts';
export {
  errorTable,
  ErrorObject,
  MendedBy,
  RpcError,
  type ErrorCode,
  type ErrorData,
  type RetryRule,
} from './errors.ts';
export { closeCodes, type CloseCodeName } from './close-codes.ts';
export { Request, RequestId, Response } from './json-rpc.ts';
export {
  AttachOptions,
  MAX_CREDIT_BYTES,
  StartJobParams,
  StartJobResult,
  type StartClaudeParams,
  type StartCommandParams,
} from './start-job.ts';
export { Containment } from './containment.ts';
export type { SearchJobParams, SearchJobResult } from './job-methods.ts';
export { PROTOCOL_VERSION } from './executor-methods.ts';
export {
  isMethodName,
  methods,
  type MethodInput,
  type MethodName,
  type MethodParams,
  type MethodResult,
} from './methods.ts';
export {
  DetachedNotification,
  JobEntryHead,
  notificationMethod,
  type JobEntry,
  type JobNotification,
  type NotificationMethod,
} from './notifications.ts';
export {
  ClassicControlParams,
  ClassicExecuteParams,
  type ClassicNotification,
  type ClassicStatus,
} from './classic.ts';

import { z } from 'zod';
import { JobId } from './job.ts';
import type { LogEntry, LogEntryType } from './log-entry.ts';

/** Method of the notification that carries a log entry of this type: `job/output` for `output`. */
export type NotificationMethod = `job/${LogEntryType}`;

/** A notification: a log entry with the job that it belongs to. */
export type JobNotification = { readonly method: NotificationMethod; readonly params: JobEntry };

/** A log entry together with its job. */
export type JobEntry = LogEntry & { readonly jobId: string };

/** What every notification's params have; the rest is a log entry. */
export const JobEntryHead = z.looseObject({ jobId: JobId, type: z.string() });

/** The method under which an entry is sent. */
export function notificationMethod(type: LogEntryType): NotificationMethod {
  return `job/${type}`;
}

/**
 * Params of `job/detached`: the executor has ended an attachment by itself. It is no entry of the log and has no
 * `seq`. `stalled`: there was something to send for so long as the executor waits, and no credit or no room for it.
 * To go on, attach again with these `afterSeq` and `afterOffset`.
 */
export const DetachedNotification = z.object({
  jobId: JobId,
  type: z.literal('detached'),
  reason: z.enum(['stalled']),
  afterSeq: z.number().int().nonnegative(),
  afterOffset: z.number().int().nonnegative(),
});
export type DetachedNotification = z.infer<typeof DetachedNotification>;

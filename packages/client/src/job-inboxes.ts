import { JobEntryHead, LogEntry, RpcError, type LogEntryType } from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import { EntryInbox } from './entry-inbox.ts';

const knownTypes = {
  state: true,
  started: true,
  output: true,
  event: true,
  limit: true,
  exited: true,
  closed: true,
  gap: true,
} satisfies Record<LogEntryType, true>;

/** Brings each notification to the follower of its job. */
export class JobInboxes {
  readonly #inboxes = new Map<string, EntryInbox>();
  readonly #onOverflow: (jobId: string) => void;

  /** @param onOverflow Called once when a follower's inbox takes no more. */
  constructor(onOverflow: (jobId: string) => void) {
    this.#onOverflow = onOverflow;
  }

  /**
   * Opens an inbox. It is done before the request that leads to notifications is sent, because reply and
   * first notifications may arrive in one tick.
   *
   * @throws RpcError `alreadyAttached`: a connection follows a job once
   */
  open(jobId: string): EntryInbox {
    if (this.#inboxes.has(jobId)) {
      throw new RpcError('alreadyAttached', `This connection follows ${jobId} already`, { jobId });
    }
    const inbox = new EntryInbox();
    this.#inboxes.set(jobId, inbox);
    return inbox;
  }

  close(jobId: string): void {
    this.#inboxes.delete(jobId);
  }

  /** Takes the params of a notification. What nobody follows, and types of a later version, are passed over. */
  deliver(params: unknown, frameChars: number): void {
    const head = JobEntryHead.safeParse(params);
    if (!head.success || !Object.hasOwn(knownTypes, head.data.type)) return;
    const { jobId, type } = head.data;
    const inbox = this.#inboxes.get(jobId);
    if (inbox === undefined) return;
    const entry = LogEntry.safeParse(params);
    if (!entry.success) {
      const method = `job/${type}`;
      const message = `A ${method} notification does not match the protocol`;
      inbox.fail(new ClientError('badReply', message, { method }, { cause: entry.error }));
    } else if (!inbox.push(entry.data, frameChars)) {
      this.#onOverflow(jobId);
    }
  }

  /** Tells every follower that no more comes. */
  fail(error: Error): void {
    for (const inbox of this.#inboxes.values()) inbox.fail(error);
  }
}

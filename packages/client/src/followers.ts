import {
  JobEntryHead,
  LogEntry,
  RpcError,
  type DetachedNotification,
  type LogEntryType,
} from '@cc-executor/protocol';
import { ClientError } from './client-error.ts';
import type { Connection } from './connection.ts';
import type { Follower } from './follower.ts';
import type { JobHolds } from './job-holds.ts';

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

const detached: DetachedNotification['type'] = 'detached';

/** All jobs that a client follows: brings each notification to its follower, over whichever connection it came. */
export class Followers {
  readonly #followers = new Map<string, Follower>();
  readonly #holds: JobHolds;

  /** @param holds the other attachments of the client */
  constructor(holds: JobHolds) {
    this.#holds = holds;
  }

  /**
   * Takes a follower in. It is done before the request that leads to notifications is sent, because reply and
   * first notifications may arrive in one tick.
   *
   * @throws RpcError `alreadyAttached`: a client follows a job once
   */
  add(follower: Follower): void {
    const { jobId } = follower;
    if (this.#followers.has(jobId)) {
      throw new RpcError('alreadyAttached', `This client follows ${jobId} already`, { jobId });
    }
    this.#followers.set(jobId, follower);
  }

  remove(follower: Follower): void {
    if (this.#followers.get(follower.jobId) === follower) this.#followers.delete(follower.jobId);
  }

  has(jobId: string): boolean {
    return this.#followers.has(jobId);
  }

  /** Takes the params of a notification. What nobody follows, and types of a later version, are passed over. */
  deliver(params: unknown, frameChars: number): void {
    const head = JobEntryHead.safeParse(params);
    if (!head.success) return;
    const { jobId, type } = head.data;
    const follower = this.#followers.get(jobId);
    if (type === detached) {
      if (follower?.detached() !== true) this.#holds.detached(jobId);
      return;
    }
    if (follower === undefined || !Object.hasOwn(knownTypes, type)) return;
    const entry = LogEntry.safeParse(params);
    if (entry.success) {
      follower.take(entry.data, frameChars);
    } else {
      const method = `job/${type}`;
      const message = `A ${method} notification does not match the protocol`;
      follower.fail(new ClientError('badReply', message, { method }, { cause: entry.error }));
    }
  }

  /** Attaches over a new connection what was attached over the one before: at once, since jobs wait for it. */
  resume(connection: Connection): void {
    for (const follower of this.#followers.values()) void follower.resume(connection);
  }

  /** Tells every follower that no more comes. */
  fail(error: Error): void {
    for (const follower of this.#followers.values()) follower.fail(error);
  }
}

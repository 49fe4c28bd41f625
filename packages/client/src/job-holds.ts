import { RpcError } from '@cc-executor/protocol';
import type { Connection } from './connection.ts';

/** Most jobs that are held. At the bound the one that was started first is not held any more after a loss. */
const MAX_HOLDS = 10_000;

/** How a job is held. */
interface Hold {
  /** It is followed, and held only while its follower is not attached to it. */
  readonly isForFollower: boolean;
  /** Over which connection: by the executor itself where the job was started, else by an attachment of ours. */
  over: Connection | undefined;
  /** While an attachment is being made, and when it is there: whether it came about. */
  attaching?: Promise<boolean>;
}

/**
 * Jobs that end when nobody holds on to them, and to which no follower is attached: those that were started without
 * following them, and those whose follower waits for its consumer.
 *
 * The executor holds what was started for the connection on which that was. All else is held by an attachment that
 * asks for no output; it makes way when a follower attaches.
 */
export class JobHolds {
  readonly #holds = new Map<string, Hold>();

  /** A job was started over this connection. */
  add(jobId: string, connection: Connection): void {
    this.#holds.set(jobId, { isForFollower: false, over: connection });
    if (this.#holds.size <= MAX_HOLDS) return;
    for (const oldest of this.#holds.keys()) {
      this.#holds.delete(oldest);
      break;
    }
  }

  /** The job has ended. */
  forget(jobId: string): void {
    this.#holds.delete(jobId);
  }

  /**
   * Holds on to all jobs over a new connection, one after the other: an executor takes so many requests at once.
   *
   * @param isFollowed whether somebody else is attached to a job, or about to be
   */
  async renew(connection: Connection, isFollowed: (jobId: string) => boolean): Promise<void> {
    for (const jobId of this.#holds.keys()) {
      if (connection.isLost) return;
      if (!isFollowed(jobId)) await this.#restore(jobId, connection);
    }
  }

  /** Holds on to a job until its follower attaches again. Never rejects. */
  async standIn(jobId: string, connection: Connection): Promise<void> {
    if (!this.#holds.has(jobId)) this.#holds.set(jobId, { isForFollower: true, over: undefined });
    await this.#restore(jobId, connection);
  }

  /** The executor has ended an attachment of ours. */
  detached(jobId: string): void {
    const hold = this.#holds.get(jobId);
    const connection = hold?.over;
    if (connection === undefined || hold?.attaching === undefined) return;
    hold.over = undefined;
    void this.#restore(jobId, connection);
  }

  /** Makes way for a follower over this connection: when this resolves, nothing more comes of what was held. */
  async release(jobId: string, connection: Connection): Promise<void> {
    const hold = this.#holds.get(jobId);
    if (hold === undefined) return;
    if (hold.isForFollower) this.#holds.delete(jobId);
    if (hold.attaching === undefined || hold.over !== connection) return;
    hold.over = undefined;
    if (await hold.attaching) await connection.call('job/detach', { jobId }).catch(() => undefined);
  }

  /** Nobody follows the job any more. Never rejects. */
  async left(jobId: string, connection: Connection): Promise<void> {
    if (this.#holds.get(jobId)?.isForFollower === true) await this.release(jobId, connection);
    else await this.#restore(jobId, connection);
  }

  async #restore(jobId: string, connection: Connection): Promise<void> {
    const hold = this.#holds.get(jobId);
    if (hold === undefined || hold.over === connection) return;
    hold.over = connection;
    hold.attaching = this.#attach(jobId, connection);
    await hold.attaching;
  }

  async #attach(jobId: string, connection: Connection): Promise<boolean> {
    try {
      const { state, lastSeq } = await connection.call('job/get', { jobId });
      if (state.status === 'ended') {
        this.forget(jobId);
        return false;
      }
      await connection.call('job/attach', { jobId, afterSeq: lastSeq, creditBytes: 0, include: [] });
      return true;
    } catch (error) {
      // Another executor has come up, which does not know it. After a loss the next connection holds it.
      if (error instanceof RpcError && error.code === 'unknownJob') this.forget(jobId);
      return false;
    }
  }
}

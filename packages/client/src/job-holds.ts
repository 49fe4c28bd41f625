import { RpcError } from '@cc-executor/protocol';
import type { Connection } from './connection.ts';

/** Most jobs that are held. At the bound the one that was started first is not held any more after a loss. */
const MAX_HOLDS = 10_000;

/** How a job is held. */
interface Hold {
  /** Over which connection: by the executor itself where the job was started, else by an attachment of ours. */
  over: Connection | undefined;
  /** While an attachment is being made: whether it came about. */
  attaching?: Promise<boolean>;
}

/**
 * Jobs that were started without following them and that end when nobody holds on to them.
 *
 * The executor holds them for the connection on which they were started. Over a new one they are held by an
 * attachment that asks for no output; it makes way while the job is followed.
 */
export class JobHolds {
  readonly #holds = new Map<string, Hold>();

  /** A job was started over this connection. */
  add(jobId: string, connection: Connection): void {
    this.#holds.set(jobId, { over: connection });
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
      if (!isFollowed(jobId)) await this.restore(jobId, connection);
    }
  }

  /** Holds on to a job again that nobody follows any more. Never rejects. */
  async restore(jobId: string, connection: Connection): Promise<void> {
    const hold = this.#holds.get(jobId);
    if (hold === undefined || hold.over === connection) return;
    hold.over = connection;
    hold.attaching = this.#attach(jobId, connection);
    await hold.attaching;
  }

  /** Makes way for a follower over this connection. */
  async release(jobId: string, connection: Connection): Promise<void> {
    const hold = this.#holds.get(jobId);
    if (hold?.attaching === undefined || hold.over !== connection) return;
    hold.over = undefined;
    if (await hold.attaching) connection.notify('job/detach', { jobId });
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

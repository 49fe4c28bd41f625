import { MAX_CREDIT_BYTES, RpcError, type Encoding } from '@cc-executor/protocol';
import { Follower, type FollowOptions } from '../output/follower.ts';
import type { LogLoan } from '../output/output-log.ts';
import type { StoredEntry } from '../output/stored-entry.ts';
import { encodeNotification } from '../output/wire-frame.ts';
import type { Connection } from '../rpc/connection.ts';

/** A follower of one job on one connection. */
interface Attachment {
  readonly follower: Follower;
  readonly end: () => void;
}

/** What one connection has going on. */
export class Session {
  readonly connection: Connection;
  isInitialized = false;
  readonly #attachments = new Map<string, Attachment>();
  readonly #reserved = new Set<string>();
  /** Holds on jobs that were started and not followed: they last as long as the connection. */
  readonly #holds = new Set<Disposable>();

  constructor(connection: Connection) {
    this.connection = connection;
    connection.closed.addEventListener('abort', () => this.#end(), { once: true });
  }

  /**
   * Keeps the place of an attachment while it is being prepared, so that a second request finds it taken.
   * It is given back once the request has been handled, which is right before its attachment is made.
   *
   * @throws RpcError `alreadyAttached`
   */
  reserve(jobId: string): Disposable {
    if (this.#attachments.has(jobId) || this.#reserved.has(jobId)) {
      throw new RpcError('alreadyAttached', `This connection follows ${jobId} already`, { jobId });
    }
    this.#reserved.add(jobId);
    return { [Symbol.dispose]: () => this.#reserved.delete(jobId) };
  }

  /**
   * Follows a job and sends its entries over the connection until they end.
   *
   * @param hold Keeps the job from counting as abandoned.
   */
  attach(
    jobId: string,
    loan: LogLoan,
    hold: Disposable | undefined,
    options: Omit<FollowOptions, 'maxCreditBytes'> & { readonly encoding: Encoding },
  ): void {
    const { connection } = this;
    const { encoding } = options;
    const sink = {
      send: (entry: StoredEntry) => connection.send(encodeNotification(jobId, entry, encoding)),
      writable: (signal: AbortSignal) => connection.writable(signal),
    };
    const follower = new Follower(loan.log, sink, { ...options, maxCreditBytes: MAX_CREDIT_BYTES });
    const end = (): void => {
      follower[Symbol.dispose]();
      hold?.[Symbol.dispose]();
      // Compare the object: the job may have been detached and attached again.
      if (this.#attachments.get(jobId)?.follower === follower) this.#attachments.delete(jobId);
    };
    this.#attachments.set(jobId, { follower, end });
    void follower
      .run()
      .catch(() => connection.close('internalError', `the log of ${jobId} cannot be read`))
      .finally(() => {
        end();
        return loan[Symbol.asyncDispose]();
      });
    if (connection.closed.aborted) end();
  }

  /** @throws RpcError `notAttached` */
  follower(jobId: string): Follower {
    return this.#attachment(jobId).follower;
  }

  /** @throws RpcError `notAttached` */
  detach(jobId: string): void {
    this.#attachment(jobId).end();
  }

  /** Keeps a job for as long as the connection lasts; `ended` tells when there is nothing left to keep. */
  keep(hold: Disposable, ended: Promise<void>): void {
    if (this.connection.closed.aborted) {
      hold[Symbol.dispose]();
      return;
    }
    this.#holds.add(hold);
    // A connection may last for months, and a hold keeps all that its job was made of.
    void ended.then(() => this.#holds.delete(hold));
  }

  #attachment(jobId: string): Attachment {
    const attachment = this.#attachments.get(jobId);
    if (attachment !== undefined) return attachment;
    throw new RpcError('notAttached', `This connection does not follow ${jobId}`, { jobId });
  }

  #end(): void {
    for (const { end } of this.#attachments.values()) end();
    for (const hold of this.#holds) hold[Symbol.dispose]();
  }
}

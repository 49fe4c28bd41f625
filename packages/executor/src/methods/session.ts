import { MAX_CREDIT_BYTES, RpcError, type DetachedNotification, type Encoding } from '@cc-executor/protocol';
import { Follower, type FollowOptions } from '../output/follower.ts';
import type { FramePool } from '../output/frame-pool.ts';
import type { LogLoan, ReadEntry } from '../output/readable-log.ts';
import { encodeNotification } from '../output/wire-frame.ts';
import type { Connection } from '../rpc/connection.ts';

/** What the sessions of an executor share. */
export interface SessionServices {
  readonly frames: FramePool;
  /** How long a follower may keep something from being sent, in milliseconds. */
  readonly stallMs: number;
}

/** A follower of one job on one connection. */
interface Attachment {
  readonly follower: Follower;
  /** @param mayReturn the follower did not ask for it, and may come back */
  readonly end: (mayReturn: boolean) => void;
}

/** What one connection has going on. */
export class Session {
  readonly connection: Connection;
  isInitialized = false;
  readonly #services: SessionServices;
  readonly #attachments = new Map<string, Attachment>();
  readonly #reserved = new Set<string>();
  /** Holds on jobs that were started and not followed: they last as long as the connection. */
  readonly #holds = new Set<Disposable>();

  constructor(connection: Connection, services: SessionServices) {
    this.connection = connection;
    this.#services = services;
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
    options: Omit<FollowOptions, 'stallMs'> & { readonly encoding: Encoding },
  ): void {
    const { connection } = this;
    const { frames, stallMs } = this.#services;
    const { encoding, consumer } = options;
    const sink = {
      send: (entry: ReadEntry) => {
        const { data, release } = encodeNotification(jobId, entry, encoding, frames);
        connection.send(data, release);
        // Whoever reads this may follow the job again at once, while our files are still being closed.
        if (entry.type === 'closed') end(false);
      },
      get isWritable() {
        return connection.isWritable;
      },
      writable: (signal: AbortSignal) => connection.writable(signal),
    };
    const follower = new Follower(loan.log, sink, { ...options, stallMs });
    let isOver = false;
    const end = (mayReturn: boolean): void => {
      // The follower's run ends too, and the first cause stands.
      if (isOver) return;
      isOver = true;
      follower[Symbol.dispose]();
      consumer?.leave(mayReturn);
      hold?.[Symbol.dispose]();
      // Compare the object: the job may have been detached and attached again.
      if (this.#attachments.get(jobId)?.follower === follower) this.#attachments.delete(jobId);
    };
    this.#attachments.set(jobId, { follower, end });
    void this.#run(jobId, follower)
      .then(end)
      .finally(() => loan[Symbol.asyncDispose]());
    if (connection.closed.aborted) end(true);
  }

  /**
   * Grants the follower of a job more credit.
   *
   * @returns what it has now
   * @throws RpcError `notAttached`, `tooMuchCredit`
   */
  grant(jobId: string, bytes: number): number {
    const { follower } = this.#attachment(jobId);
    const creditBytes = follower.creditBytes + bytes;
    if (creditBytes > MAX_CREDIT_BYTES) {
      const message = `The credit for ${jobId} would be ${creditBytes} bytes; at most ${MAX_CREDIT_BYTES} may be held`;
      throw new RpcError('tooMuchCredit', message, { jobId, creditBytes, maxCreditBytes: MAX_CREDIT_BYTES });
    }
    follower.grant(bytes);
    return follower.creditBytes;
  }

  /** @throws RpcError `notAttached` */
  detach(jobId: string): void {
    this.#attachment(jobId).end(false);
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

  /** @returns whether it may come back */
  async #run(jobId: string, follower: Follower): Promise<boolean> {
    const { connection } = this;
    try {
      if ((await follower.run()) !== 'stalled') return false;
      const params: DetachedNotification = { jobId, type: 'detached', reason: 'stalled', ...follower.place };
      connection.send(JSON.stringify({ jsonrpc: '2.0', method: 'job/detached', params }));
      return true;
    } catch {
      connection.close('internalError', `the log of ${jobId} cannot be read`);
      return true;
    }
  }

  #end(): void {
    for (const { end } of this.#attachments.values()) end(true);
    for (const hold of this.#holds) hold[Symbol.dispose]();
  }
}

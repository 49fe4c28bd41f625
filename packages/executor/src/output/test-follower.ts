import { Follower, type FollowOptions } from './follower.ts';
import type { ReadableLog, ReadEntry } from './readable-log.ts';

/** A follower with all that it has sent, and a sink that can be shut. */
export function follow(log: ReadableLog, options: Partial<FollowOptions> = {}) {
  const sent: ReadEntry[] = [];
  const consumed: number[] = [];
  const sentUpTo: number[] = [];
  let arrived = Promise.withResolvers<void>();
  let gate: PromiseWithResolvers<void> | undefined;
  const consumer = {
    consumed: (offset: number) => {
      if (offset !== consumed.at(-1)) consumed.push(offset);
    },
    sent: (offset: number) => sentUpTo.push(offset),
    leave: () => undefined,
  };
  const follower = new Follower(
    log,
    {
      send: (entry) => {
        sent.push(entry.type === 'output' ? { ...entry, data: Buffer.from(entry.data) } : entry);
        arrived.resolve();
        arrived = Promise.withResolvers();
      },
      get isWritable() {
        return gate === undefined;
      },
      writable: async (signal) => {
        const aborted = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => aborted.resolve(), { once: true });
        await Promise.race([gate?.promise, aborted.promise]);
      },
    },
    { afterSeq: 0, include: ['output', 'event'], creditBytes: 1_000_000, consumer, ...options },
  );
  return {
    follower,
    sent,
    consumed,
    sentUpTo,
    /** Text of output, type of all else. */
    texts: () => sent.map((entry) => (entry.type === 'output' ? entry.data.toString() : entry.type)),
    shut: () => (gate ??= Promise.withResolvers()),
    open: () => {
      gate?.resolve();
      gate = undefined;
    },
    run: () => follower.run(),
    until: async (count: number) => {
      while (sent.length < count) await arrived.promise;
    },
  };
}

/** Lets everything that is ready to run do so. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Follower, type FollowOptions } from './follower.ts';
import { OutputLog } from './output-log.ts';
import type { NewPlainEntry, StoredEntry } from './stored-entry.ts';

const starting: NewPlainEntry = { type: 'state', state: { status: 'starting' } };
const event: NewPlainEntry = { type: 'event', event: { type: 'text', text: 'hi' } };
const closed: NewPlainEntry = { type: 'closed', outcome: { status: 'succeeded' }, drained: true };

/** A log in a folder of its own. */
async function openLog(): Promise<AsyncDisposable & { log: OutputLog; print: (...texts: string[]) => void }> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'follower-'));
  const log = new OutputLog({
    path: join(directory.path, 'log'),
    onFault: (fault) => {
      throw fault;
    },
  });
  return {
    log,
    print: (...texts) => {
      for (const text of texts) log.appendOutput('stdout', Buffer.from(text));
    },
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** A follower with all that it has sent. Its sink takes everything, unless `gate` holds it back. */
function follow(
  log: OutputLog,
  options: Partial<FollowOptions> = {},
  gate?: () => Promise<void> | undefined,
) {
  const sent: StoredEntry[] = [];
  let wake = Promise.withResolvers<void>();
  const follower = new Follower(
    log,
    {
      send: (entry) => {
        sent.push(entry);
        wake.resolve();
        wake = Promise.withResolvers();
      },
      writable: async (signal) => {
        const aborted = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => aborted.resolve(), { once: true });
        await Promise.race([gate?.(), aborted.promise]);
      },
    },
    {
      afterSeq: 0,
      include: ['output', 'event'],
      creditBytes: 1_000_000,
      maxCreditBytes: 1_000_000,
      ...options,
    },
  );
  return {
    follower,
    sent,
    texts: () => sent.flatMap((entry) => (entry.type === 'output' ? [entry.data.toString()] : [entry.type])),
    done: follower.run(),
    until: async (count: number) => {
      while (sent.length < count) await wake.promise;
    },
  };
}

/** Lets everything that is ready to run do so. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('a follower gets what was, then what comes, and ends with the log', async () => {
  await using opened = await openLog();
  const { log, print } = opened;
  log.append(starting);
  print('a');
  const { sent, done, until, texts } = follow(log);
  await until(2);
  print('b');
  await until(3);
  print('c');
  log.append(closed);
  await done;
  expect(texts()).toEqual(['state', 'a', 'b', 'c', 'closed']);
  expect(sent).toMatchObject([1, 2, 3, 4, 5].map((seq) => ({ seq })));
});

test('a follower begins after the entry that it names', async () => {
  await using opened = await openLog();
  opened.print('a', 'b', 'c');
  opened.log.append(closed);
  const { done, texts } = follow(opened.log, { afterSeq: 2 });
  await done;
  expect(texts()).toEqual(['c', 'closed']);
});

test('a follower that names an entry yet to come waits for it and stops nobody', async () => {
  await using opened = await openLog();
  opened.print('a');
  const { done, texts, until } = follow(opened.log, { afterSeq: 3 });
  await idle();
  opened.print('b', 'c', 'd');
  await until(1);
  opened.log.append(closed);
  await done;
  expect(texts()).toEqual(['d', 'closed']);
});

test('a follower that names an entry beyond the end ends with the log', async () => {
  await using opened = await openLog();
  const { done, sent } = follow(opened.log, { afterSeq: 99 });
  await idle();
  opened.log.append(closed);
  await done;
  expect(sent).toEqual([]);
});

test.each<[include: ('output' | 'event')[], texts: string[]]>([
  [[], ['state', 'closed']],
  [['output'], ['state', 'a', 'closed']],
  [['event'], ['state', 'event', 'closed']],
  [
    ['output', 'event'],
    ['state', 'a', 'event', 'closed'],
  ],
])('a follower that asks for %j gets %j', async (include, texts) => {
  await using opened = await openLog();
  opened.log.append(starting);
  opened.print('a');
  opened.log.append(event);
  opened.log.append(closed);
  const followed = follow(opened.log, { include });
  await followed.done;
  expect(followed.texts()).toEqual(texts);
});

test('output that is not asked for costs no credit', async () => {
  await using opened = await openLog();
  opened.print('a'.repeat(1_000));
  opened.log.append(closed);
  const { done, texts } = follow(opened.log, { include: ['event'], creditBytes: 0 });
  await done;
  expect(texts()).toEqual(['closed']);
});

test('credit may be overdrawn by one entry, and nothing overtakes what waits for more', async () => {
  await using opened = await openLog();
  opened.print('aaaaaa', 'bbbbbb', 'cccccc');
  opened.log.append(closed);
  const { follower, texts, done } = follow(opened.log, { creditBytes: 10 });
  await idle();
  expect(texts()).toEqual(['aaaaaa', 'bbbbbb']);
  expect(follower.grant(2)).toBe(0);
  await idle();
  expect(texts()).toHaveLength(2);
  expect(follower.grant(1)).toBe(1);
  await done;
  expect(texts()).toEqual(['aaaaaa', 'bbbbbb', 'cccccc', 'closed']);
});

test('with no credit everything but output still comes', async () => {
  await using opened = await openLog();
  opened.log.append(starting);
  opened.log.append(event);
  opened.log.append(closed);
  const { done, texts } = follow(opened.log, { creditBytes: 0 });
  await done;
  expect(texts()).toEqual(['state', 'event', 'closed']);
});

test('credit does not grow beyond its maximum', async () => {
  await using opened = await openLog();
  const { follower, done } = follow(opened.log, { creditBytes: 5, maxCreditBytes: 20 });
  expect(follower.grant(100)).toBe(20);
  follower[Symbol.dispose]();
  await done;
});

test('one entry goes out for each time that the sink is ready', async () => {
  await using opened = await openLog();
  opened.print('a', 'b', 'c');
  opened.log.append(closed);
  const openings: PromiseWithResolvers<void>[] = [];
  const { sent, done } = follow(opened.log, {}, () => {
    const opening = Promise.withResolvers<void>();
    openings.push(opening);
    return opening.promise;
  });
  for (let count = 0; count < 4; count += 1) {
    await idle();
    expect([sent.length, openings.length]).toEqual([count, count + 1]);
    openings[count]?.resolve();
  }
  await done;
  expect(sent).toHaveLength(4);
});

test('a slow follower does not hold up a fast one', async () => {
  await using opened = await openLog();
  const slow = follow(opened.log, { creditBytes: 1 });
  const fast = follow(opened.log);
  opened.print('a', 'b', 'c');
  opened.log.append(closed);
  await fast.done;
  expect([fast.sent.length, slow.sent.length]).toEqual([4, 1]);
  slow.follower.grant(100);
  await slow.done;
  expect(slow.sent).toEqual(fast.sent);
});

test.each<[where: string, options: Partial<FollowOptions>, gate?: () => Promise<void>]>([
  ['the log', { afterSeq: 1 }],
  ['credit', { creditBytes: 0 }],
  ['the sink', {}, () => new Promise(() => undefined)],
])(
  'a follower that is disposed while it waits for %s ends and sends nothing',
  async (_where, options, gate) => {
    await using opened = await openLog();
    opened.print('a');
    const { follower, sent, done } = follow(opened.log, options, gate);
    await idle();
    follower[Symbol.dispose]();
    await done;
    opened.print('b');
    await idle();
    expect(sent).toEqual([]);
  },
);

test('whatever the sizes, the credit and the grants, all bytes come in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 100_000 }),
      async (sizes, grantBytes) => {
        await using opened = await openLog();
        const { log } = opened;
        const { follower, sent, done, until } = follow(log, { creditBytes: 0 });
        for (const [index, size] of sizes.entries()) log.appendOutput('stdout', Buffer.alloc(size, index));
        log.append(closed);
        for (let count = 1; count <= sizes.length; count += 1) {
          // What was sent is consumed and granted again, as a client does it.
          while (follower.grant(grantBytes) <= 0);
          await until(count);
        }
        await done;
        const bytes = sent.map((entry) => (entry.type === 'output' ? entry.data : null));
        expect(bytes.slice(0, -1).map((data) => [data?.length, data?.[0]])).toEqual(
          sizes.map((size, index) => [size, index]),
        );
      },
    ),
    { numRuns: 20 },
  );
});

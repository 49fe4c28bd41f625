import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lanes } from './lanes.ts';

/** Tasks that end when they are told, and the order in which they began. */
function createTasks(lanes: Lanes) {
  const begun: string[] = [];
  const removed: string[] = [];
  const ends = new Map<string, () => void>();
  const aborts = new Map<string, AbortController>();
  return {
    begun,
    removed,
    enqueue: (name: string, priority = 0, lane = 'command') => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const abort = new AbortController();
      ends.set(name, resolve);
      aborts.set(name, abort);
      return lanes.enqueue(
        lane,
        () => {
          begun.push(name);
          return promise;
        },
        { priority, signal: abort.signal, onRemoved: () => removed.push(name) },
      );
    },
    end: async (name: string) => {
      ends.get(name)?.();
      await idle();
    },
    remove: async (name: string) => {
      aborts.get(name)?.abort();
      await idle();
    },
  };
}

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a lane runs so many at once, and the next when one has ended', async () => {
  const lanes = new Lanes({ command: { concurrency: 2 } });
  const { enqueue, end, begun } = createTasks(lanes);
  for (const name of ['a', 'b', 'c', 'd']) enqueue(name);
  await idle();
  expect(begun).toEqual(['a', 'b']);
  expect(lanes.status()).toEqual({ command: { concurrency: 2, running: 2, queued: 2 } });
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('a');
  await end('c');
  await end('d');
  expect(lanes.status()).toEqual({ command: { concurrency: 2, running: 0, queued: 0 } });
});

test('a slot stays taken until its task has ended, however long that lasts', async () => {
  const lanes = new Lanes({ command: { concurrency: 1 } });
  const { enqueue, end, begun, removed } = createTasks(lanes);
  enqueue('a');
  enqueue('b');
  for (let turn = 0; turn < 5; turn += 1) await idle();
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(removed).toEqual([]);
});

test('a higher priority goes first, and equals go in their order', async () => {
  const lanes = new Lanes({ command: { concurrency: 1 } });
  const { enqueue, end, begun } = createTasks(lanes);
  enqueue('running');
  enqueue('low', -5);
  enqueue('first');
  enqueue('second');
  enqueue('high', 5);
  for (const name of ['running', 'high', 'first', 'second', 'low']) await end(name);
  expect(begun).toEqual(['running', 'high', 'first', 'second', 'low']);
});

test('the position counts those that go before', async () => {
  const { enqueue, end } = createTasks(new Lanes({ command: { concurrency: 2 } }));
  expect([enqueue('a'), enqueue('b')]).toEqual([undefined, undefined]);
  expect([enqueue('c'), enqueue('d'), enqueue('e', 1), enqueue('f', -1), enqueue('g')]).toEqual([
    0, 1, 0, 3, 3,
  ]);
  await end('a');
  // `e` runs now.
  expect(enqueue('h', 1)).toBe(0);
});

test('one that waits can be taken out, and never runs', async () => {
  const lanes = new Lanes({ command: { concurrency: 1 } });
  const { enqueue, end, remove, begun, removed } = createTasks(lanes);
  enqueue('a');
  enqueue('b');
  enqueue('c');
  await remove('b');
  expect(removed).toEqual(['b']);
  expect(lanes.status()).toEqual({ command: { concurrency: 1, running: 1, queued: 1 } });
  expect(enqueue('d')).toBe(1);
  await end('a');
  await end('c');
  await end('d');
  expect(begun).toEqual(['a', 'c', 'd']);
});

test('one that was taken out before it came never runs', async () => {
  const lanes = new Lanes({ command: { concurrency: 1 } });
  const removed: string[] = [];
  const signal = AbortSignal.abort();
  lanes.enqueue('command', () => Promise.reject(new Error('it ran')), {
    priority: 0,
    signal,
    onRemoved: () => removed.push('x'),
  });
  await idle();
  expect(removed).toEqual(['x']);
});

test('lanes do not wait for each other', async () => {
  const lanes = new Lanes({ command: { concurrency: 1 }, claude: { concurrency: 1 } });
  const { enqueue, begun } = createTasks(lanes);
  enqueue('a');
  enqueue('b');
  enqueue('c', 0, 'claude');
  await idle();
  expect(begun).toEqual(['a', 'c']);
});

test('a lane that does not exist takes nothing', () => {
  const lanes = new Lanes({ command: { concurrency: 1 } });
  expect([lanes.has('command'), lanes.has('other')]).toEqual([true, false]);
  expect(() => createTasks(lanes).enqueue('a', 0, 'other')).toThrow('there is no lane other');
});

test('whatever comes, is taken out or ends, the lane is full or empty of waiters', async () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('enqueue' as const), priority: fc.integer({ min: -2, max: 2 }) }),
    fc.record({ act: fc.constantFrom('end' as const, 'remove' as const), which: fc.nat(30) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 30 }),
      async (concurrency, steps) => {
        const lanes = new Lanes({ command: { concurrency } });
        const { enqueue, end, remove, begun, removed } = createTasks(lanes);
        const ended = new Set<string>();
        for (const [index, step] of steps.entries()) {
          const name = 'which' in step ? String(step.which) : String(index);
          if (step.act === 'enqueue') enqueue(name, step.priority);
          else if (step.act === 'end' && begun.includes(name)) {
            await end(name);
            ended.add(name);
          } else if (step.act === 'remove' && !begun.includes(name)) await remove(name);
          await idle();
          const { running = 0, queued = 0 } = lanes.status()['command'] ?? {};
          expect(running).toBe(begun.length - ended.size);
          expect(running === concurrency || (running < concurrency && queued === 0)).toBe(true);
          expect(begun.filter((name) => removed.includes(name))).toEqual([]);
        }
      },
    ),
    { numRuns: 40 },
  );
});

import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEntry, MethodInput } from '@cc-executor/protocol';
import { startFakeExecutor, type FakeConnection } from './fake-executor.ts';
import { FakeLog, seqOf } from './fake-log.ts';

/** Tells the client to come back. */
const UNRESPONSIVE = 4409;
const start: MethodInput<'job/start'> = { kind: 'command', cwd: '/', argv: ['true'], jobId: 'j1' };

test('a connection that is lost between any two frames costs no entry and repeats none', async () => {
  const cutAfter = async (frames: number): Promise<void> => {
    const log = new FakeLog();
    let left = frames;
    const countDown = (connection: FakeConnection): void => {
      if (left-- === 0) connection.socket.close(UNRESPONSIVE);
    };
    log.onSent = countDown;
    await using executor = await startFakeExecutor((request, connection) => {
      // A request counts as a frame as well: its reply is lost when it is the one to be cut at.
      if (left >= 0) countDown(connection);
      return log.handle(request, connection);
    });
    await using client = await executor.connect();
    const job = await client.startJob({ ...start, attach: { creditBytes: 20 } });
    for (let count = 0; count < 4; count += 1) log.print(10);
    log.tell('a word');
    log.close();
    expect(await Array.fromAsync(job.entries())).toEqual(log.entries);
    expect(executor.connections).toHaveLength(2);
  };
  await Promise.all(Array.from({ length: 8 }, (_, frames) => cutAfter(frames)));
});

test('whatever is cut wherever, and however slow the consumer is, entries come once and in order', async () => {
  const scenario = fc.record({
    sizes: fc.array(fc.nat(60), { minLength: 1, maxLength: 60 }),
    gapAfter: fc.nat(60),
    overlap: fc.nat(2),
    creditBytes: fc.integer({ min: 1, max: 120 }),
    cuts: fc.array(fc.record({ after: fc.nat(30), isHard: fc.boolean() }), { maxLength: 4 }),
    naps: fc.array(fc.nat(3), { minLength: 1, maxLength: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ sizes, gapAfter, overlap, creditBytes, cuts, naps }) => {
      const log = new FakeLog();
      log.overlap = overlap;
      for (const [index, size] of sizes.entries()) {
        if (index === gapAfter) {
          const fromSeq = log.lastSeq + 1;
          log.add({ type: 'gap', fromSeq, firstSeq: fromSeq + 5, lostBytes: 50 });
        }
        if (size === 0) log.tell('a word');
        else log.print(size);
      }
      log.close();
      const pending = [...cuts];
      let sent = 0;
      log.onSent = ({ socket }) => {
        sent += 1;
        const cut = pending[0];
        if (cut === undefined || sent <= cut.after) return;
        pending.shift();
        sent = 0;
        if (cut.isHard) socket.terminate();
        else socket.close(UNRESPONSIVE);
      };
      await using executor = await startFakeExecutor(log.handle);
      await using client = await executor.connect();
      const found: LogEntry[] = [];
      for await (const entry of client.follow('j1', { creditBytes })) {
        found.push(entry);
        for (let nap = naps[found.length % naps.length] ?? 0; nap > 0; nap -= 1) await turn();
      }
      expect(found).toEqual(log.entries);
    }),
    { numRuns: 50 },
  );
});

test('it attaches again although the consumer is busy, with what is left of the window as credit', async () => {
  const log = new FakeLog();
  await using executor = await startFakeExecutor(log.handle);
  await using client = await executor.connect();
  const entries = client.follow('j1', { creditBytes: 100 });
  const first = entries.next();
  const connection = await executor.connection(0);
  await connection.request('job/attach');
  for (let count = 0; count < 4; count += 1) log.print(20);
  await first;
  // A reply that comes after the entries: they are in.
  await client.call('job/get', { jobId: 'j1' }).catch(() => undefined);
  connection.socket.close(UNRESPONSIVE);
  const again = await (await executor.connection(1)).request('job/attach');
  expect(again.params).toMatchObject({ afterSeq: 4, creditBytes: 20 });
  log.print(20);
  log.close();
  const rest = await Array.fromAsync(entries);
  expect(rest.map(seqOf)).toEqual([2, 3, 4, 5, 6]);
});

test('credit that is consumed while it attaches again is granted afterwards', async () => {
  const log = new FakeLog();
  const mayAttach = Promise.withResolvers<void>();
  let attachments = 0;
  await using executor = await startFakeExecutor(async (request, connection) => {
    if (request.method === 'job/attach' && ++attachments === 2) await mayAttach.promise;
    return log.handle(request, connection);
  });
  await using client = await executor.connect();
  const entries = client.follow('j1', { creditBytes: 4 });
  const first = entries.next();
  const connection = await executor.connection(0);
  await connection.request('job/attach');
  log.print(4);
  await first;
  connection.socket.close(UNRESPONSIVE);
  const second = await executor.connection(1);
  expect((await second.request('job/attach')).params).toMatchObject({ creditBytes: 0 });
  const next = entries.next();
  mayAttach.resolve();
  log.print(4);
  expect((await next).value).toMatchObject({ seq: 2 });
  log.close();
  expect((await entries.next()).value).toMatchObject({ type: 'closed' });
});

test('a job that the executor does not know any more is told apart, with the last entry there was', async () => {
  const log = new FakeLog();
  await using executor = await startFakeExecutor((request, connection) =>
    executor.connections.length > 1 && request.method === 'job/attach'
      ? Promise.reject(log.unknown())
      : log.handle(request, connection),
  );
  await using client = await executor.connect();
  const entries = client.follow('j1');
  const first = entries.next();
  const connection = await executor.connection(0);
  await connection.request('job/attach');
  log.print(1);
  await first;
  connection.socket.terminate();
  await expect(entries.next()).rejects.toMatchObject({
    code: 'otherExecutor',
    data: { jobId: 'j1', lastSeq: 1 },
    cause: { code: 'unknownJob' },
  });
});

test('a job that a crash has taken is lost, though its log ends before what was seen of it', async () => {
  const log = new FakeLog();
  await using executor = await startFakeExecutor(log.handle);
  await using client = await executor.connect();
  const entries = client.follow('j1');
  const first = entries.next();
  const connection = await executor.connection(0);
  await connection.request('job/attach');
  for (let count = 0; count < 5; count += 1) log.print(1);
  await first;
  for (let count = 0; count < 4; count += 1) await entries.next();
  log.entries.length = 2;
  log.close('lost');
  connection.socket.terminate();
  expect((await entries.next()).value).toMatchObject({ type: 'closed', seq: 3, outcome: { status: 'lost' } });
  expect(await entries.next()).toEqual({ done: true, value: undefined });
});

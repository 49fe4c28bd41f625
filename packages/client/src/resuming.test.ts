import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEntry, MethodInput } from '@cc-executor/protocol';
import { startFakeExecutor, type FakeConnection } from './fake-executor.ts';
import { FakeLog } from './fake-log.ts';
import { seqOf } from './log-place.ts';

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

/** Something that happens once so many entries were sent. */
const mishap = fc.record({
  after: fc.nat(30),
  kind: fc.constantFrom('cut' as const, 'close' as const, 'stall' as const, 'drop' as const),
});

test(
  'whatever is cut, stalled or dropped wherever, entries come once, in order and all accounted for',
  {
    timeout: 60_000,
  },
  async () => {
    const scenario = fc.record({
      sizes: fc.array(fc.nat(60), { minLength: 1, maxLength: 60 }),
      overlap: fc.nat(2),
      creditBytes: fc.integer({ min: 1, max: 120 }),
      mishaps: fc.array(mishap, { maxLength: 6 }),
      naps: fc.array(fc.nat(3), { minLength: 1, maxLength: 10 }),
    });
    let lost = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ sizes, overlap, creditBytes, mishaps, naps }) => {
        const log = new FakeLog();
        log.overlap = overlap;
        for (const size of sizes) {
          if (size === 0) log.tell('a word');
          else log.print(size);
        }
        log.close();
        const all = [...log.entries];
        const pending = [...mishaps];
        let sent = 0;
        log.onSent = (connection) => {
          sent += 1;
          const next = pending[0];
          if (next === undefined || sent <= next.after) return;
          pending.shift();
          sent = 0;
          if (next.kind === 'cut') connection.socket.terminate();
          else if (next.kind === 'close') connection.socket.close(UNRESPONSIVE);
          else if (next.kind === 'stall') log.stall(connection);
          else log.drop(Math.min(10, log.entries.length - 1));
        };
        await using executor = await startFakeExecutor(log.handle);
        await using client = await executor.connect();
        const found: LogEntry[] = [];
        for await (const entry of client.follow('j1', { creditBytes })) {
          found.push(entry);
          for (let nap = naps[found.length % naps.length] ?? 0; nap > 0; nap -= 1) await turn();
        }
        // What a gap tells is put in the place of what it stands for.
        const accounted = found.flatMap((entry) => {
          if (entry.type !== 'gap') return [entry];
          const missed = all.slice(entry.fromSeq - 1, entry.firstSeq - 1);
          const bytes = missed.map((one) => (one.type === 'output' ? one.bytes : 0));
          lost += entry.lostBytes;
          expect(entry.lostBytes).toBe(bytes.reduce((sum, count) => sum + count, 0));
          return missed;
        });
        expect(accounted).toEqual(all);
      }),
      { numRuns: 100 },
    );
    expect(lost).toBeGreaterThan(0);
  },
);

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

test('a running job whose log ends before what was seen of it is another one', async () => {
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
  connection.socket.terminate();
  await expect(entries.next()).rejects.toMatchObject({
    code: 'otherExecutor',
    data: { jobId: 'j1', lastSeq: 5 },
    cause: { code: 'beyondEnd' },
  });
});

test('who begins beyond the end of a running job is told so', async () => {
  const log = new FakeLog();
  log.print(1);
  await using executor = await startFakeExecutor(log.handle);
  await using client = await executor.connect();
  await expect(client.follow('j1', { afterSeq: 2 }).next()).rejects.toMatchObject({
    code: 'beyondEnd',
    data: { jobId: 'j1', lastSeq: 1, outputBytes: 1 },
  });
});

import { expect, test } from 'vitest';
import type { LogEntry } from '@cc-executor/protocol';
import { startFakeExecutor } from './fake-executor.ts';
import { FakeLog } from './fake-log.ts';
import { seqOf } from './log-place.ts';

const hold = { jobId: 'j1', creditBytes: 0, include: [] };

/** A client that has taken the first of four entries, of 25 bytes each, and has no credit left. */
async function startStalling() {
  await using building = new AsyncDisposableStack();
  const log = new FakeLog();
  const executor = building.use(await startFakeExecutor(log.handle));
  const client = building.use(await executor.connect());
  const entries = client.follow('j1', { creditBytes: 100 });
  const first = entries.next();
  const connection = await executor.connection(0);
  await connection.request('job/attach');
  for (let count = 0; count < 4; count += 1) log.print(25);
  await first;
  // A reply that comes after the entries: they are in.
  const settle = (): Promise<unknown> => client.call('job/get', { jobId: 'j1' });
  await settle();
  const parts = building.move();
  return { log, executor, entries, connection, settle, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

test('who was detached while it was away holds the job, and goes on where it was when it is back', async () => {
  await using stalling = await startStalling();
  const { log, entries, connection } = stalling;
  log.print(25);
  log.stall(connection);
  expect((await connection.request('job/attach')).params).toEqual({ ...hold, afterSeq: 5 });
  log.close();
  const found: LogEntry[] = await Array.fromAsync(entries);
  expect(found.map(seqOf)).toEqual([2, 3, 4, 5, 6]);
  expect((await connection.request('job/detach')).params).toEqual({ jobId: 'j1' });
  const again = await connection.request('job/attach');
  expect(again.params).toMatchObject({ afterSeq: 4, afterOffset: 100, creditBytes: 100 });
});

test('what was dropped while it was away comes as a gap, told exactly', async () => {
  await using stalling = await startStalling();
  const { log, entries, connection } = stalling;
  log.stall(connection);
  await connection.request('job/attach');
  for (let count = 0; count < 6; count += 1) log.print(10);
  log.drop(7);
  log.close();
  const found = await Array.fromAsync(entries);
  expect(found.map(seqOf)).toEqual([2, 3, 4, 7, 8, 9, 10, 11]);
  expect(found[3]).toEqual({ type: 'gap', fromSeq: 5, firstSeq: 8, lostBytes: 30 });
});

test('the job is held over a new connection too, and the gap is told as exactly', async () => {
  await using stalling = await startStalling();
  const { log, executor, entries, connection } = stalling;
  log.stall(connection);
  await connection.request('job/attach');
  for (let count = 0; count < 6; count += 1) log.print(10);
  log.drop(7);
  connection.socket.terminate();
  const second = await executor.connection(1);
  expect((await second.request('job/attach')).params).toMatchObject(hold);
  log.close();
  const found = await Array.fromAsync(entries);
  expect(found[3]).toEqual({ type: 'gap', fromSeq: 5, firstSeq: 8, lostBytes: 30 });
  expect(found).toHaveLength(8);
});

test('who is there attaches again at once', async () => {
  await using stalling = await startStalling();
  const { log, entries, connection } = stalling;
  for (let count = 0; count < 3; count += 1) await entries.next();
  const next = entries.next();
  log.stall(connection);
  await connection.request('job/detach');
  log.print(1);
  expect((await next).value).toMatchObject({ seq: 5, offset: 100 });
});

test('who leaves while it is away lets go of the job', async () => {
  await using stalling = await startStalling();
  const { log, entries, connection, settle } = stalling;
  log.stall(connection);
  await connection.request('job/attach');
  await entries.return();
  await connection.request('job/detach');
  await settle();
  const methods = connection.requests.map(({ method }) => method).filter((method) => method !== 'job/get');
  expect(methods).toEqual(['job/attach', 'job/attach', 'job/detach']);
});

test('an end of the attachment that comes in one piece with its reply counts', async () => {
  const log = new FakeLog();
  log.print(5);
  let isFirst = true;
  await using executor = await startFakeExecutor((request, connection) => {
    if (request.method !== 'job/attach' || !isFirst) return log.handle(request, connection);
    isFirst = false;
    const frames = [
      { id: request.id, result: { jobId: 'j1', state: log.state, lastSeq: 1 } },
      { method: 'job/output', params: { jobId: 'j1', ...log.entries[0] } },
      {
        method: 'job/detached',
        params: { jobId: 'j1', type: 'detached', reason: 'stalled', afterSeq: 1, afterOffset: 5 },
      },
    ];
    for (const frame of frames) connection.socket.send(JSON.stringify({ jsonrpc: '2.0', ...frame }));
    return new Promise(() => undefined);
  });
  await using client = await executor.connect();
  const entries = client.follow('j1');
  expect((await entries.next()).value).toMatchObject({ seq: 1 });
  const next = entries.next();
  log.print(1);
  expect((await next).value).toMatchObject({ seq: 2 });
});

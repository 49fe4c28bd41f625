import type { JobEntry } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import type { ExecutorClient } from './executor-client.ts';
import { startFakeExecutor, type FakeHandler } from './fake-executor.ts';

const at = '2026-01-01T00:00:00.000Z';
const jobId = 'j1';
const state = { status: 'running', paused: false } as const;
const running: FakeHandler = ({ method }) =>
  method === 'job/attach' ? { jobId, state, lastSeq: 0 } : { jobId, state };

function output(seq: number, bytes = 10): JobEntry {
  const data = 'x'.repeat(bytes);
  return { jobId, type: 'output', seq, offset: 0, bytes, stream: 'stdout', encoding: 'utf8', data };
}

function event(seq: number, text: string): JobEntry {
  return { jobId, type: 'event', seq, at, event: { type: 'text', text } };
}

function closed(seq: number): JobEntry {
  return { jobId, type: 'closed', seq, at, outcome: { status: 'succeeded' }, drained: true };
}

async function seqs(entries: ReturnType<ExecutorClient['follow']>): Promise<number[]> {
  const found = await Array.fromAsync(entries);
  return found.map((entry) => (entry.type === 'gap' ? -1 : entry.seq));
}

test('notifications in the same tick as the reply to job/start are not lost', async () => {
  await using executor = await startFakeExecutor(({ id, params }, connection) => {
    // Sent at once, reply and entries arrive in one piece.
    const reply = { jsonrpc: '2.0', id, result: { jobId: params['jobId'], state } };
    const frames = [output(1), closed(2)].map((entry) => ({ ...entry, jobId: String(params['jobId']) }));
    connection.socket.send(JSON.stringify(reply));
    connection.notify(...frames);
    return new Promise(() => undefined);
  });
  await using client = await executor.connect();
  const job = await client.startJob({ kind: 'command', cwd: '/', argv: ['true'] });
  expect(await seqs(job.entries())).toEqual([1, 2]);
});

test('credit is granted by quarter windows, once the consumer has come back', async () => {
  await using executor = await startFakeExecutor(running);
  await using client = await executor.connect();
  const entries = client.follow(jobId, { creditBytes: 40 });
  const first = entries.next();
  const connection = executor.connections[0];
  expect((await connection?.request('job/attach'))?.params).toMatchObject({ creditBytes: 40, afterSeq: 0 });
  connection?.notify(output(1, 5), output(2, 5), output(3, 20), closed(4));
  await first;
  await entries.next();
  await entries.next();
  await entries.next();
  await client.call('job/closeStdin', { jobId });
  const grants = connection?.requests.filter(({ method }) => method === 'job/credit');
  expect(grants?.map(({ params }) => params['bytes'])).toEqual([10, 20]);
});

test('leaving the loop detaches, and the job can be followed again', async () => {
  await using executor = await startFakeExecutor((request, connection) => {
    if (request.method === 'job/attach')
      setImmediate(() => connection.notify(output(Number(request.params['afterSeq']) + 1)));
    return running(request, connection);
  });
  await using client = await executor.connect();
  for await (const entry of client.follow(jobId)) {
    expect(entry).toMatchObject({ seq: 1 });
    break;
  }
  for await (const entry of client.follow(jobId, { afterSeq: 1 })) {
    expect(entry).toMatchObject({ seq: 2 });
    break;
  }
  const methods = executor.connections[0]?.requests.map(({ method }) => method);
  expect(methods).toEqual(['job/attach', 'job/detach', 'job/attach', 'job/detach']);
});

test('a lost connection throws after what had arrived, and tells where to go on', async () => {
  await using executor = await startFakeExecutor(running);
  await using client = await executor.connect({ reconnect: false });
  const entries = client.follow(jobId);
  const first = entries.next();
  const connection = executor.connections[0];
  await connection?.request('job/attach');
  connection?.notify(output(1), output(2));
  await first;
  connection?.socket.terminate();
  await client.closed;
  expect((await entries.next()).value).toMatchObject({ seq: 2 });
  await expect(entries.next()).rejects.toMatchObject({ code: 'connectionLost', data: { lastSeq: 2 } });
});

test('aborting ends the loop with the reason and detaches', async () => {
  await using executor = await startFakeExecutor(running);
  await using client = await executor.connect();
  const stop = new AbortController();
  const next = client.follow(jobId, { signal: stop.signal }).next();
  const connection = executor.connections[0];
  await connection?.request('job/attach');
  stop.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await connection?.request('job/detach');
});

test('who leaves before the executor has attached it is detached once it has', async () => {
  const mayAnswer = Promise.withResolvers<void>();
  await using executor = await startFakeExecutor(async (request, connection) => {
    if (request.method === 'job/attach') await mayAnswer.promise;
    return running(request, connection);
  });
  await using client = await executor.connect();
  const stop = new AbortController();
  const next = client.follow(jobId, { signal: stop.signal }).next();
  const connection = executor.connections[0];
  await connection?.request('job/attach');
  stop.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await connection?.request('job/detach');
  mayAnswer.resolve();
  await connection?.request('job/detach');
});

test('a client follows a job once', async () => {
  await using executor = await startFakeExecutor(running);
  await using client = await executor.connect();
  const entries = client.follow(jobId);
  const first = entries.next();
  await executor.connections[0]?.request('job/attach');
  await expect(client.follow(jobId).next()).rejects.toMatchObject({ code: 'alreadyAttached' });
  executor.connections[0]?.notify(closed(1));
  await first;
});

test('events that pile up are read again from the log, and none is lost', async () => {
  const count = 20_000;
  await using executor = await startFakeExecutor((request, connection) => {
    if (request.method === 'job/attach') {
      const after = Number(request.params['afterSeq']);
      setImmediate(() => {
        for (let seq = after + 1; seq <= count; seq++) connection.notify(event(seq, 'word'));
        connection.notify(closed(count + 1));
      });
    }
    return request.method === 'job/attach' ? { jobId, state, lastSeq: count + 1 } : { jobId };
  });
  await using client = await executor.connect();
  const entries = client.follow(jobId, { include: ['event'] });
  await entries.next();
  // A reply that comes after all notifications: the inbox is full by now.
  await executor.connections[0]?.request('job/detach');
  await client.call('job/closeStdin', { jobId });
  expect(await seqs(entries)).toEqual(Array.from({ length: count }, (_, index) => index + 2));
});

test('an entry of a type that is not known yet is passed over; a broken one is an error', async () => {
  await using executor = await startFakeExecutor(running);
  await using client = await executor.connect();
  const entries = client.follow(jobId);
  const first = entries.next();
  const connection = executor.connections[0];
  await connection?.request('job/attach');
  const send = (params: object) =>
    connection?.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'job/any', params }));
  send({ jobId, type: 'weather', seq: 1 });
  connection?.notify(output(2));
  send({ jobId, type: 'output', seq: 3 });
  expect((await first).value).toMatchObject({ seq: 2 });
  await expect(entries.next()).rejects.toMatchObject({ code: 'badReply', data: { method: 'job/output' } });
});

test('wait asks again until the jobs have ended', async () => {
  let asked = 0;
  await using executor = await startFakeExecutor(() => ({ jobs: [], done: ++asked === 3 }));
  await using client = await executor.connect();
  expect(await client.wait([jobId])).toEqual({ jobs: [], done: true });
  expect(asked).toBe(3);
  asked = 3;
  expect(await client.wait([jobId], { waitMs: 5, mode: 'any' })).toEqual({ jobs: [], done: false });
  expect(executor.connections[0]?.requests.at(-1)?.params).toEqual({
    jobIds: [jobId],
    mode: 'any',
    waitMs: 5,
  });
});

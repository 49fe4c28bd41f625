import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectClient } from '@cc-executor/client';
import { fixture } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { printsPattern } from '../soak/output/pattern.ts';
import { ReceivedOutput } from '../soak/output/received-output.ts';
import { ccExecutor, startExecutorProcess } from './cc-executor-process.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { startTestExecutor, TEST_TOKEN } from './test-executor.ts';

const LINES = 327_680;
const BYTES = LINES * 64;
const CUTS = 10;
const flood = [fixture('floods.mjs'), String(LINES)];
const client = { name: 'resuming', version: '0.0.0' };

/** What the flood prints. */
function floodDigest(): string {
  const hash = createHash('sha256');
  for (let line = 1; line <= LINES; line += 1) hash.update(`${String(line).padStart(63, '.')}\n`);
  return hash.digest('hex');
}

/** An executor behind a proxy that cuts ten connections, each after some bytes, and lets the others be. */
async function startBehindProxy() {
  await using building = new AsyncDisposableStack();
  let left = CUTS;
  let port = 0;
  const nextCut = (): number | undefined => {
    if (left === 0) return undefined;
    // The first connection comes about: connecting at all is not what is tested.
    const leastBytes = left === CUTS ? 10_000 : 0;
    left -= 1;
    return leastBytes + Math.floor((Math.random() * BYTES) / CUTS);
  };
  const proxy = building.use(await startCuttingProxy(() => port, nextCut));
  const executor = building.use(
    await startTestExecutor({ policy: { shell: 'full' }, allowedHosts: [`127.0.0.1:${proxy.port}`] }),
  );
  port = Number(new URL(executor.url).port);
  const parts = building.move();
  const url = `ws://127.0.0.1:${proxy.port}/ws`;
  return { proxy, executor, url, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

test('20 MB arrive byte for byte over a connection that is cut ten times', async () => {
  await using behind = await startBehindProxy();
  const headers = { authorization: `Bearer ${TEST_TOKEN}` };
  await using connected = await connectClient({ open: () => new WebSocket(behind.url, { headers }), client });
  const attach = { encoding: 'base64' } as const;
  const job = await connected.startJob({ kind: 'command', cwd: '/', argv: flood, attach });
  const hash = createHash('sha256');
  const seqs: number[] = [];
  let end: unknown;
  for await (const entry of job.entries()) {
    expect(entry.type).not.toBe('gap');
    if (entry.type !== 'gap') seqs.push(entry.seq);
    if (entry.type === 'output') hash.update(Buffer.from(entry.data, 'base64'));
    if (entry.type === 'closed') end = entry.outcome;
  }
  expect(end).toEqual({ status: 'succeeded' });
  expect(behind.proxy.cuts).toBe(CUTS);
  expect(seqs.every((seq, index) => seq === index + 1)).toBe(true);
  expect(hash.digest('hex')).toBe(floodDigest());
});

test('over the same cuts a follower that lags behind a tail is told exactly what it has missed', async () => {
  await using behind = await startBehindProxy();
  const headers = { authorization: `Bearer ${TEST_TOKEN}` };
  await using connected = await connectClient({ open: () => new WebSocket(behind.url, { headers }), client });
  const argv = printsPattern({ bytes: 4 * BYTES });
  const attach = { encoding: 'base64', creditBytes: 200_000 } as const;
  const retention = { atQuota: 'tail', maxBytes: 1024 * 1024 } as const;
  const job = await connected.startJob({ kind: 'command', cwd: '/', argv, attach, retention });
  const received = new ReceivedOutput('the one who lags');
  let entries = 0;
  for await (const entry of job.entries()) {
    received.take(entry);
    entries += 1;
    if (entries % 5 === 0) await connected.call('job/get', { jobId: job.jobId });
  }
  expect(received).toMatchObject({ offset: 4 * BYTES, faults: [] });
  expect(received.gaps).toBeGreaterThan(0);
  expect(behind.proxy.cuts).toBeGreaterThan(0);
});

test('the command run prints all of it through the same cuts', async () => {
  await using behind = await startBehindProxy();
  const [program, ...args] = ccExecutor;
  const child = spawn(program, [...args, 'run', '--', ...flood], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: behind.executor.workDir,
      CC_EXECUTOR_WEBSOCKET_URL: behind.url,
      CC_EXECUTOR_TOKEN: TEST_TOKEN,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const hash = createHash('sha256');
  const errors: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => hash.update(bytes));
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, errors: Buffer.concat(errors).toString() }).toEqual({ code: 0, errors: '' });
  expect(behind.proxy.cuts).toBe(CUTS);
  expect(hash.digest('hex')).toBe(floodDigest());
});

test('who has been told the end can follow the job again at once', async () => {
  await using executor = await startTestExecutor();
  await using wire = await executor.connect();
  const argv = ['seq', '100000'];
  const { jobId } = await wire.call('job/start', { kind: 'command', cwd: '/', argv, attach: false });
  await wire.call('job/wait', { jobIds: [jobId], waitMs: 30_000 });
  const closings = () => wire.entries(jobId).filter(({ method }) => method === 'job/closed').length;
  for (let count = 1; count <= 50; count += 1) {
    await wire.call('job/attach', { jobId, creditBytes: 1_000_000 });
    await wire.until(() => closings() === count);
  }
  expect(closings()).toBe(50);
});

test('a job that is followed while its executor is killed is told as lost by the one that comes after', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ccx-'));
  const stateDir = join(folder.path, 'state');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path };
  await using first = await startExecutorProcess(stateDir, env);
  let running = first;
  const open = (): WebSocket =>
    new WebSocket(running.url, { headers: { authorization: `Bearer ${running.token}` } });
  await using connected = await connectClient({ open, client });
  const argv = ['python3', '-c', 'import time\nprint("before", flush=True)\ntime.sleep(300)'];
  const job = await connected.startJob({ kind: 'command', cwd: '/', argv });
  const printed: string[] = [];
  let outcome: unknown;
  await using restarting = new AsyncDisposableStack();
  for await (const entry of job.entries()) {
    if (entry.type === 'closed') outcome = entry.outcome;
    if (entry.type !== 'output') continue;
    printed.push(entry.data);
    await first.kill();
    running = restarting.use(await startExecutorProcess(stateDir, env));
  }
  expect(printed).toEqual(['before\n']);
  expect(outcome).toMatchObject({ status: 'lost' });
});

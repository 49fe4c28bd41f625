import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectClient, type ExecutorClient } from '@cc-executor/client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ccExecutor } from './cc-executor-process.ts';
import { findTiers } from './tiers.ts';

/** Where there are namespaces, a folder can be given a disk of its own. */
const hasNamespaces = (await findTiers()).includes('pidns');
const DISK_BYTES = 6 * 1024 * 1024;
/** Some 39 MB of output. */
const argv = ['seq', '1', '5000000'];
const printedBytes = 38_888_896;

interface SmallDisk extends AsyncDisposable {
  readonly client: ExecutorClient;
  readonly stateDir: string;
}

/** An executor whose state directory lies on a disk of 6 MiB, and a client of it. */
async function startOnSmallDisk(): Promise<SmallDisk> {
  await using starting = new AsyncDisposableStack();
  const disk = starting.use(await mkdtempDisposable(join(tmpdir(), 'ccx-disk-')));
  const stateDir = join(disk.path, 'state');
  const serve = [
    'serve',
    '--port',
    '0',
    '--state-dir',
    stateDir,
    '--containment',
    'portable',
    '--auth',
    'none',
  ];
  const isolate = [
    '--dev-bind',
    '/',
    '/',
    '--size',
    String(DISK_BYTES),
    '--tmpfs',
    disk.path,
    '--die-with-parent',
  ];
  const child = spawn('bwrap', [...isolate, ...ccExecutor, ...serve], {
    env: { PATH: process.env['PATH'] ?? '', HOME: disk.path, CC_EXECUTOR_ALLOWED_COMMANDS: 'seq' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  starting.defer(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const client = starting.use(
    await connectClient({ open: () => new WebSocket(url), client: { name: 'test', version: '0.0.0' } }),
  );
  const parts = starting.move();
  return { client, stateDir, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

test.skipIf(!hasNamespaces)(
  '[J19] on a full disk jobs go on as far as their retention allows, and the executor lives',
  { timeout: 120_000 },
  async () => {
    await using started = await startOnSmallDisk();
    const { client, stateDir } = started;
    const onFull = async (atQuota: 'block' | 'tail' | 'fail', attach: { creditBytes: number } | false) => {
      const params = { kind: 'command', cwd: '/', argv, retention: { atQuota }, onDetach: 'keep' } as const;
      const job = await client.startJob({ ...params, attach });
      const { jobId } = job;
      let receivedBytes = 0;
      if (attach !== false) {
        for await (const entry of job.entries()) if (entry.type === 'output') receivedBytes += entry.bytes;
      }
      const [view] = (await client.call('job/wait', { jobIds: [jobId], waitMs: 60_000 })).jobs;
      return { jobId, view, receivedBytes };
    };

    const failed = await onFull('fail', { creditBytes: 1024 * 1024 });
    expect(failed.view?.state).toMatchObject({
      status: 'ended',
      outcome: { status: 'failed', reason: 'disk' },
    });
    expect(JSON.stringify(failed.view?.state)).toContain(`the disk that holds ${stateDir}`);
    // All that it printed before came through.
    expect(failed.receivedBytes).toBe(failed.view?.outputBytes);

    // What ended before makes room, and what is consumed.
    const blocked = await onFull('block', { creditBytes: 1024 * 1024 });
    expect(blocked.view?.state).toEqual({ status: 'ended', outcome: { status: 'succeeded' } });
    expect(blocked.receivedBytes).toBe(printedBytes);

    const tailed = await onFull('tail', false);
    expect(tailed.view).toMatchObject({
      state: { status: 'ended', outcome: { status: 'succeeded' } },
      outputBytes: printedBytes,
    });
    expect(tailed.view?.droppedBytes).toBeGreaterThan(printedBytes - DISK_BYTES);
    expect(await client.call('job/get', { jobId: failed.jobId })).toMatchObject({
      outputBytes: failed.receivedBytes,
      droppedBytes: failed.receivedBytes,
    });
  },
);

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startExecutorProcess } from './cc-executor-process.ts';
import { connectWire } from './wire-client.ts';

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'ccx-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('[J9] after kill -9 live jobs end, read as lost, and all that they printed can be read', async () => {
  await using folder = await temporaryFolder();
  const stateDir = join(folder.path, 'state');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path };
  let jobId: string;
  let pid: number;
  {
    await using first = await startExecutorProcess(stateDir, env);
    await using client = await connectWire(first.url, first.token);
    const argv = ['python3', '-c', 'import time\nprint("before", flush=True)\ntime.sleep(300)'];
    ({ jobId } = await client.call('job/start', { kind: 'command', cwd: '/', argv }));
    ({ pid } = (await client.notification('job/started', jobId)).params);
    await client.notification('job/output', jobId);
    // The first job of an executor, and the first segment of its log.
    const log = join(stateDir, 'logs', '1', '1-0.log');
    await expect.poll(() => readFile(log, 'utf8').catch(() => '')).toContain('before');
    await first.kill();
  }
  // Nobody but the guardian was left to end it.
  await untilDead(pid);
  await using second = await startExecutorProcess(stateDir, env);
  await using client = await connectWire(second.url, second.token);
  const lost = { status: 'ended', outcome: { status: 'lost', message: expect.any(String) } };
  expect(await client.call('job/get', { jobId })).toMatchObject({ state: lost, drained: false });
  await client.call('job/attach', { jobId });
  expect((await client.notification('job/closed', jobId)).params.outcome.status).toBe('lost');
  expect(client.output(jobId)).toBe('before\n');
});

test('the state directory, its token and its socket are for their owner only', async () => {
  await using folder = await temporaryFolder();
  const stateDir = join(folder.path, 'state');
  await using _executor = await startExecutorProcess(stateDir, {
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
  });
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  expect(await mode(stateDir)).toBe('700');
  expect(await mode(join(stateDir, 'executor.json'))).toBe('600');
});

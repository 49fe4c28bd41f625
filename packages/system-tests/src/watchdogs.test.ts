import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claudePath, createClaudeHome, fixture, isAlive, startScriptedApi } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { startTestExecutor, type TestExecutor } from './test-executor.ts';
import type { WireClient } from './wire-client.ts';

const claude = { kind: 'claude', cwd: '/', prompt: 'Say something.' } as const;
/** A program that never says that it is up, and does not end when it is asked to. */
const deaf = { claudePath: fixture('ignores-sigterm.sh'), claudeStarts: 1 } as const;
const timedOut = { status: 'timed_out', which: 'start' };

/** An executor whose Claude is a program that prints what the real one has printed once, and then stays. */
async function startWithLingering(capture: string): Promise<TestExecutor> {
  const executor = await startTestExecutor();
  const { workDir } = executor;
  const url = new URL(`../../claude/captures/${capture}`, import.meta.url);
  await copyFile(fileURLToPath(url), join(workDir, 'capture'));
  const program = join(workDir, 'lingers');
  await writeFile(program, `#!/bin/sh\ncat ${workDir}/capture\nexec sleep 300\n`);
  await chmod(program, 0o755);
  await executor.executor[Symbol.asyncDispose]();
  const second = await startTestExecutor({ claudePath: program });
  return {
    ...second,
    [Symbol.asyncDispose]: async () => {
      await second[Symbol.asyncDispose]();
      await executor[Symbol.asyncDispose]();
    },
  };
}

/** How a job ended. */
const outcomeOf = async (client: WireClient, jobId: string) =>
  (await client.notification('job/closed', jobId)).params.outcome;

test('[J10] a Claude that is not up in time is timed out, and what it has started is ended', async () => {
  await using api = await startScriptedApi();
  await using home = await createClaudeHome();
  await using executor = await startTestExecutor({ environment: home.env(api), claudePath: claudePath() });
  await using client = await executor.connect();
  // The CLI waits for its servers before it says that it is up, and this one never answers.
  const mcpServers = { silent: { command: 'sleep', args: ['300'] } };
  const start = { ...claude, cwd: home.workDir, mcpServers, startTimeoutMs: 2_000 };
  const { jobId } = await client.call('job/start', start);
  const { pid } = (await client.notification('job/started', jobId)).params;
  expect(await outcomeOf(client, jobId)).toEqual(timedOut);
  expect(isAlive(pid)).toBe(false);
  expect(client.entries(jobId).filter(({ method }) => method === 'job/event')).toEqual([]);
  expect(api.requests).toEqual([]);
});

test('[J10] one that is not up in time lets the next one start, whose own time begins then', async () => {
  await using executor = await startTestExecutor(deaf);
  await using client = await executor.connect();
  const first = await client.call('job/start', { ...claude, startTimeoutMs: 1_500 });
  await client.notification('job/started', first.jobId);
  const second = await client.call('job/start', { ...claude, startTimeoutMs: 500 });
  await client.notification('job/started', second.jobId);
  // The first ignores SIGTERM, so its end takes as long as its grace; nobody waits for that.
  const state = (await client.call('job/get', { jobId: first.jobId })).state;
  expect(state).toEqual({ status: 'stopping' });
  expect(await outcomeOf(client, second.jobId)).toEqual(timedOut);
  expect(await outcomeOf(client, first.jobId)).toEqual(timedOut);
});

test('[K1] [J10] a Claude that is paused before it is up has all its time left, and blocks no other', async () => {
  await using executor = await startTestExecutor({ ...deaf, claudePath: fixture('prints-nothing.sh') });
  await using client = await executor.connect();
  const first = await client.call('job/start', { ...claude, startTimeoutMs: 1_500 });
  await client.notification('job/started', first.jobId);
  await client.call('job/pause', { jobId: first.jobId });
  const second = await client.call('job/start', { ...claude, startTimeoutMs: 2_000 });
  await client.notification('job/started', second.jobId);
  expect(await outcomeOf(client, second.jobId)).toEqual(timedOut);
  expect(await client.call('job/get', { jobId: first.jobId })).toMatchObject({
    state: { status: 'running', paused: true },
  });
  await client.call('job/resume', { jobId: first.jobId });
  expect(await outcomeOf(client, first.jobId)).toEqual(timedOut);
});

test('[J8] [J10] a cancel that came before the time was over stands', async () => {
  await using executor = await startTestExecutor(deaf);
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', { ...claude, startTimeoutMs: 1_000 });
  await client.notification('job/started', jobId);
  await client.call('job/cancel', { jobId, graceMs: 2_000 });
  expect(await outcomeOf(client, jobId)).toEqual({ status: 'cancelled', by: 'client' });
});

test('[J10] a command that has begun needs no start time any more', async () => {
  await using executor = await startTestExecutor();
  await using client = await executor.connect();
  const start = { kind: 'command', cwd: '/', argv: ['sleep', '1.5'], startTimeoutMs: 1_000 };
  const { jobId } = await client.call('job/start', start);
  expect(await outcomeOf(client, jobId)).toEqual({ status: 'succeeded' });
});

test.concurrent(
  '[J11] a Claude that has answered and does not exit is ended, and has succeeded',
  async () => {
    await using executor = await startWithLingering('answer.jsonl');
    await using client = await executor.connect();
    // Its idle time is over long before its time to exit, but there is nothing more to be said.
    const { jobId } = await client.call('job/start', { ...claude, idleTimeoutMs: 2_000 });
    const { outcome, result } = (await client.notification('job/closed', jobId)).params;
    expect(outcome).toEqual({ status: 'succeeded' });
    expect(result.text).not.toBe('');
    const exited = await client.notification('job/exited', jobId);
    expect(exited.params).toMatchObject({ signal: 'SIGTERM' });
  },
);

test.concurrent('[J11] a Claude that met a limit and does not exit is limited', async () => {
  await using executor = await startWithLingering('rate-limit.jsonl');
  await using client = await executor.connect();
  const { jobId } = await client.call('job/start', claude);
  expect(await outcomeOf(client, jobId)).toMatchObject({ status: 'limited', limit: { kind: 'rate' } });
});

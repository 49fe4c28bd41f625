import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcessHost, type ProcessHost, type Tree, type TreeSpec } from '@cc-executor/process';
import { isAlive } from '@cc-executor/testkit';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { LogSpace } from '../output/log-space.ts';
import { OutputLog } from '../output/output-log.ts';
import { resolveRetention } from '../output/retention.ts';
import { StartGate } from '../queue/start-gate.ts';
import { runAttempt, type AttemptOptions } from './attempt.ts';
import type { StopCause } from './job-state.ts';

const spec: Omit<TreeSpec, 'id'> = {
  file: '/bin/sleep',
  args: ['300'],
  cwd: '/',
  env: { PATH: '/usr/bin:/bin' },
  stdin: 'none',
};

/** A host whose spawns take until they are let go, as on a machine that is on its knees. */
async function openSlowHost() {
  const directory = await mkdtempDisposable(join(tmpdir(), 'attempt-'));
  const path = process.env['PATH'] ?? '';
  const journalPath = join(directory.path, 'journal');
  const host = await openProcessHost({
    instanceId: randomUUID(),
    journalPath,
    path,
    containment: 'portable',
  });
  const letGo = Promise.withResolvers<void>();
  const spawned = Promise.withResolvers<Tree>();
  const slow: ProcessHost = {
    containment: host.containment,
    containmentReason: host.containmentReason,
    limitsReason: host.limitsReason,
    guardian: host.guardian,
    spawn: async (spec) => {
      await letGo.promise;
      const tree = await host.spawn(spec);
      spawned.resolve(tree);
      return tree;
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
  return {
    host: slow,
    letGo: letGo.resolve,
    spawned: spawned.promise,
    logPath: join(directory.path, 'log'),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('a process that is not made in time is not waited for, and ended when it comes after all', async () => {
  await using slow = await openSlowHost();
  await using log = new OutputLog({
    folder: slow.logPath,
    space: new LogSpace({ memoryBytes: 1024 * 1024, diskBytes: 1024 * 1024 }),
    retention: resolveRetention(undefined, 'command', 1024 * 1024),
    onFault: () => undefined,
  });
  const startOver = new AbortController();
  let cause: StopCause | undefined;
  const logger = pino({ level: 'silent' });
  const options: AttemptOptions = {
    jobId: 'slow',
    attempt: 1,
    launch: { kind: 'command', tree: spec },
    params: { kind: 'command', cwd: '/', argv: ['sleep'], priority: 0, onDetach: 'cancel', stdin: 'none' },
    log,
    services: { host: slow.host, claudeStarts: new StartGate(1), logger },
    onStarting: () => undefined,
    onStarted: () => undefined,
    onBegun: () => undefined,
    onActivity: () => undefined,
    onExited: () => undefined,
    graceMs: () => 0,
    stopping: new AbortController().signal,
    startOver: startOver.signal,
    cause: () => cause,
  };
  const attempt = runAttempt(options);
  cause = { by: 'timeout', which: 'start' };
  startOver.abort();
  expect(await attempt).toEqual({
    outcome: { status: 'timed_out', which: 'start' },
    drained: true,
    result: undefined,
  });
  slow.letGo();
  const tree = await slow.spawned;
  await tree.empty();
  expect(isAlive(tree.pid)).toBe(false);
});

import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fixtureSpec, isAlive, untilDead } from '@cc-executor/testkit';
import { describe, expect, test, vi } from 'vitest';
import { GateKeeper } from './gate-keeper.ts';
import { Guardian } from './guardian/guardian.ts';
import { openProcessTable } from './process-table-source.ts';
import { openTestHost } from './test-host.ts';
import { findTiers, openTier } from './test-tiers.ts';
import { findTools } from './tools.ts';

const tiers = await findTiers();

/** The processes that are marked by an instance and are nobody's tree yet: its gates. */
function gatesOf(instanceId: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isAlive(pid) && isMarked(pid, instanceId));
}

function isMarked(pid: number, instanceId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`CC_EXECUTOR_INSTANCE_ID=${instanceId}\0`);
  } catch {
    return false;
  }
}

describe.each(tiers)('%s', (tier) => {
  const openHost = (instanceId: string) =>
    openTestHost({ instanceId, containment: tier === 'pidns' ? 'require' : 'portable' });

  test('a gate is kept in store, and goes with the host', async () => {
    const instanceId = `store-${tier}-${process.pid}`;
    const host = await openHost(instanceId);
    await expect.poll(() => gatesOf(instanceId).length).toBe(tier === 'pidns' ? 2 : 1);
    await host.spawn(fixtureSpec('prints-nothing.sh'));
    await host[Symbol.asyncDispose]();
    await expect.poll(() => gatesOf(instanceId)).toEqual([]);
  });

  test('the gate in store is the one that is taken, once', async () => {
    await using parts = new AsyncDisposableStack();
    const { path } = parts.use(await mkdtempDisposable(join(tmpdir(), 'gates-')));
    const instanceId = `taken-${tier}-${process.pid}`;
    const guardian = parts.use(new Guardian({ instanceId, journalFolder: path }));
    await guardian.start();
    const procFd = process.platform === 'linux' ? openSync('/proc', 'r') : undefined;
    if (procFd !== undefined) parts.defer(() => closeSync(procFd));
    const tools = await findTools(process.env['PATH'] ?? '');
    const source = openProcessTable(instanceId, 'own');
    const keeper = parts.use(
      new GateKeeper({ instanceId, tools, procFd, source, guardian, containment: tier }),
    );
    await Promise.all([keeper.stock(), keeper.stock()]);
    await keeper.stock();
    await expect.poll(() => gatesOf(instanceId).length).toBe(tier === 'pidns' ? 2 : 1);
    const stored = gatesOf(instanceId);
    const spec = fixtureSpec('prints-nothing.sh');
    const taken = await Promise.all([keeper.take(spec, tier), keeper.take(spec, tier)]);
    expect(taken.map(({ pid }) => stored.includes(pid))).toEqual([true, false]);
  });

  test('a gate that somebody has ended while it was in store is not missed', async () => {
    const instanceId = `ended-${tier}-${process.pid}`;
    await using host = await openHost(instanceId);
    await expect.poll(() => gatesOf(instanceId).length).toBe(tier === 'pidns' ? 2 : 1);
    for (const pid of gatesOf(instanceId)) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await untilDead(pid);
    }
    const tree = await host.spawn(fixtureSpec('exits-with.sh', ['4']));
    expect(await tree.exited).toEqual({ code: 4, signal: null });
  });

  test('a gate that stands still fails the start in bounded time, and nothing is left', async () => {
    const instanceId = `stands-${tier}-${process.pid}`;
    const host = await openHost(instanceId);
    await expect.poll(() => gatesOf(instanceId).length).toBe(tier === 'pidns' ? 2 : 1);
    for (const pid of gatesOf(instanceId)) process.kill(pid, 'SIGSTOP');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    using _timers = { [Symbol.dispose]: () => vi.useRealTimers() };
    const outcome = host.spawn(fixtureSpec('prints-nothing.sh')).catch((error: unknown) => error);
    let result: unknown;
    while (result === undefined) {
      vi.advanceTimersByTime(1_000);
      result = await Promise.race([outcome, immediate()]);
    }
    expect(result).toMatchObject({ code: 'spawnFailed' });
    vi.useRealTimers();
    // A warden dies a moment after the bwrap that takes it along.
    await expect.poll(() => gatesOf(instanceId)).toEqual([]);
    await host[Symbol.asyncDispose]();
  });

  test('a gate that stands still in store goes with the host', async () => {
    const instanceId = `still-${tier}-${process.pid}`;
    const host = await openHost(instanceId);
    await expect.poll(() => gatesOf(instanceId).length).toBe(tier === 'pidns' ? 2 : 1);
    for (const pid of gatesOf(instanceId)) process.kill(pid, 'SIGSTOP');
    await host[Symbol.asyncDispose]();
    await expect.poll(() => gatesOf(instanceId)).toEqual([]);
  });

  test('a burst finds gates for all', async () => {
    await using host = await openTier(tier);
    const trees = await Promise.all(
      Array.from({ length: 20 }, (_, index) => host.spawn(fixtureSpec('exits-with.sh', [String(index)]))),
    );
    const codes = (await Promise.all(trees.map(({ exited }) => exited))).map(({ code }) => code);
    expect(codes).toEqual(trees.map((_, index) => index));
  });

  test('a command that cannot begin is refused, and the next one is not disturbed', async () => {
    await using host = await openTier(tier);
    const spec = fixtureSpec('exits-with.sh', ['5']);
    await expect(host.spawn({ ...spec, file: '/no/such/file' })).rejects.toMatchObject({
      code: 'programNotFound',
    });
    expect(await (await host.spawn(spec)).exited).toEqual({ code: 5, signal: null });
  });
});

test.runIf(tiers.includes('pidns') && process.getuid?.() === 0)(
  'what has been mounted since a gate was made is there for the command',
  async () => {
    const program = fileURLToPath(new URL('test-mounts.main.ts', import.meta.url));
    const args = ['--mount', process.execPath, '--conditions=@cc-executor/source', program];
    const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    expect(await text(child.stdout)).toBe('mounted\n');
  },
);

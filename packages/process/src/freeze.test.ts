import { setTimeout as sleep } from 'node:timers/promises';
import { fixtureSpec, readLines, type LineReader } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { freeze } from './freeze.ts';
import { PortableMembership } from './portable/portable-membership.ts';
import { openTestHost } from './test-host.ts';
import type { ProcessEntry } from './process-entry.ts';
import type { ProcessTableSource } from './process-table.ts';

const openHost = () => openTestHost({ instanceId: `test-${process.pid}` });

/** Lets what was written before a pause arrive. */
async function settle(lines: LineReader): Promise<void> {
  await sleep(100);
  lines.arrived();
}

test('a pause silences the leader and a resume lets it go on where it was', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('ticks.mjs', ['5']));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('tick 1');
  await tree.pause();
  expect(tree.isPaused).toBe(true);
  expect((await tree.members()).map(({ isStopped }) => isStopped)).toEqual([true]);
  await settle(lines);
  await sleep(100);
  expect(lines.arrived()).toEqual([]);
  await tree.resume();
  expect(tree.isPaused).toBe(false);
  expect(await lines.next()).toMatch(/^tick \d+$/);
});

test('a pause silences children in sessions of their own', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('leaves-session.mjs', ['5']));
  const lines = readLines(tree.stdout);
  const child = await lines.nextNumber();
  expect(await lines.next()).toBe('tick 1');
  await tree.pause();
  expect(await tree.members()).toMatchObject([
    { pid: tree.pid, isStopped: true },
    { pid: child, isStopped: true },
  ]);
  await settle(lines);
  await sleep(100);
  expect(lines.arrived()).toEqual([]);
  await tree.resume();
  expect(await lines.next()).toMatch(/^tick \d+$/);
});

test('a pause stops daemons whose leader is gone', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('daemonises.mjs'));
  const daemon = await readLines(tree.stdout).nextNumber();
  await tree.exited;
  await tree.pause();
  expect(await tree.members()).toMatchObject([{ pid: daemon, isStopped: true }]);
});

test('pausing twice and resuming once continues', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('ticks.mjs', ['5']));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('tick 1');
  await Promise.all([tree.pause(), tree.pause(), tree.resume()]);
  expect(tree.isPaused).toBe(false);
  await settle(lines);
  expect(await lines.next()).toMatch(/^tick \d+$/);
});

test('a resume continues a program that has stopped itself', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('stops-itself.sh'));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('ready');
  while ((await tree.members())[0]?.isStopped !== true) await sleep(5);
  await tree.resume();
  expect(await lines.next()).toBe('continued');
});

test('an interrupt of a paused tree arrives with the resume', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('counts-interrupts.mjs'));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('ready');
  await tree.pause();
  await tree.interrupt();
  expect(await tree.members()).toMatchObject([{ isStopped: true }]);
  await tree.resume();
  expect(await lines.next()).toBe('interrupt 1');
});

test('a pause of an empty tree does nothing', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('exits-with.sh'));
  await tree.empty();
  await tree.pause();
  expect(tree.isPaused).toBe(false);
});

test('the work ends when a table shows nobody new and nobody running', async () => {
  const [first, second] = [member({ pid: 4001 }), member({ pid: 4002 })];
  const stopped = [first, second].map((one) => ({ ...one, isStopped: true }));
  const tables = [[first], [first, second], [stopped[0], second], stopped, []];
  const { membership, source, scans } = membershipSeeing(
    tables.map((table) => table.filter((one) => one !== undefined)),
  );
  const hasStopped = await freeze({ membership, source, isAbandoned: () => false, isWaitingForStill: true });
  expect([hasStopped, scans()]).toEqual([true, 4]);
});

test('a member that waits in the kernel counts as stopped', async () => {
  const waiting = member({ pid: 4001, isUninterruptible: true });
  const { membership, source, scans } = membershipSeeing([[waiting], [waiting], []]);
  await freeze({ membership, source, isAbandoned: () => false, isWaitingForStill: true });
  expect(scans()).toBe(2);
});

test('nobody is waited for when that was not asked', async () => {
  const running = member({ pid: 4001 });
  const { membership, source, scans } = membershipSeeing([[running], [running], []]);
  await freeze({ membership, source, isAbandoned: () => false, isWaitingForStill: false });
  expect(scans()).toBe(2);
});

function member(fields: { pid: number; isUninterruptible?: boolean }): ProcessEntry {
  return {
    startTime: 20,
    parentPid: 1,
    groupId: fields.pid,
    sessionId: fields.pid,
    isDead: false,
    isStopped: false,
    isUninterruptible: false,
    treeId: 'mine',
    ...fields,
  };
}

/** Shows one table after the other. No signal is sent: nobody is current. */
function membershipSeeing(tables: readonly (readonly ProcessEntry[])[]) {
  let count = 0;
  const source: ProcessTableSource = {
    scan: async () => {
      const entries = tables[count] ?? [];
      count += 1;
      return { entries, isConclusive: true };
    },
    identify: async () => undefined,
    isCurrent: () => false,
  };
  const leader = { pid: 4000, startTime: 1 };
  return {
    source,
    membership: new PortableMembership({ source, treeId: 'mine', leader }),
    scans: () => count,
  };
}

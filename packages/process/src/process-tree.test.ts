import { fixtureSpec, isAlive, readLines } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openTestHost } from './test-host.ts';
import type { Tree } from './tree.ts';

const openHost = () => openTestHost({ instanceId: `test-${process.pid}` });

async function memberPids(tree: Tree): Promise<number[]> {
  return (await tree.members()).map(({ pid }) => pid);
}

test('a lone leader is the only member, in a group and session of its own', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('prints-nothing.sh'));
  expect(await tree.members()).toMatchObject([
    { pid: tree.pid, parentPid: process.pid, groupId: tree.pid, sessionId: tree.pid },
  ]);
});

test('grandchildren are members', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('spawns-grandchild.sh'));
  const grandchild = await readLines(tree.stdout).nextNumber();
  expect(await memberPids(tree)).toContain(grandchild);
});

test('a child in its own session with an empty environment is a member', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('wipes-environment.mjs'));
  const child = await readLines(tree.stdout).nextNumber();
  expect(await memberPids(tree)).toEqual([tree.pid, child]);
});

test('a daemon is a member beside its leader and after it', async () => {
  await using host = await openHost();
  const staying = await host.spawn(fixtureSpec('daemonises-and-stays.mjs'));
  const beside = await readLines(staying.stdout).nextNumber();
  // The shell between them may still be on its way out.
  await expect.poll(() => memberPids(staying)).toEqual([staying.pid, beside]);
  const leaving = await host.spawn(fixtureSpec('daemonises.mjs'));
  const after = await readLines(leaving.stdout).nextNumber();
  await leaving.exited;
  await expect.poll(() => memberPids(leaving)).toEqual([after]);
});

test('a child in the group of a leader that is gone is a member even without a marker', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('leaves-unmarked-grandchild.sh'));
  const left = await readLines(tree.stdout).nextNumber();
  await tree.exited;
  expect(await memberPids(tree)).toEqual([left]);
});

test('a member once seen stays one when parent, session and marker are gone', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('wipes-environment.mjs'));
  const child = await readLines(tree.stdout).nextNumber();
  expect(await memberPids(tree)).toEqual([tree.pid, child]);
  process.kill(tree.pid, 'SIGKILL');
  await tree.exited;
  expect(await memberPids(tree)).toEqual([child]);
});

test('trees of the same host do not see each other', async () => {
  await using host = await openHost();
  const one = await host.spawn(fixtureSpec('prints-nothing.sh'));
  const other = await host.spawn(fixtureSpec('prints-nothing.sh'));
  expect(await Promise.all([memberPids(one), memberPids(other)])).toEqual([[one.pid], [other.pid]]);
});

test('a tree is empty only when its last member has ended', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('leaves-grandchild.sh'));
  const left = await readLines(tree.stdout).nextNumber();
  const empty = tree.empty();
  const seen: string[] = [];
  void empty.then(() => seen.push('empty'));
  await tree.exited;
  expect(await memberPids(tree)).toEqual([left]);
  seen.push('leader gone');
  process.kill(left, 'SIGKILL');
  await empty;
  expect(seen).toEqual(['leader gone', 'empty']);
  expect(await tree.members()).toEqual([]);
});

test('streams that end are drained', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('prints-both-streams.sh'));
  tree.stdout.resume();
  tree.stderr.resume();
  expect(await tree.drained({ timeoutMs: 20_000 })).toBe(true);
  expect(await tree.drained({ timeoutMs: 0 })).toBe(true);
});

test('streams that somebody holds open are given up when the time is over', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('holds-stdout.sh'));
  const holder = await readLines(tree.stdout).nextNumber();
  await tree.exited;
  expect(await tree.drained({ timeoutMs: 20 })).toBe(false);
  expect(tree.stdout.destroyed && tree.stderr.destroyed).toBe(true);
  expect(isAlive(holder)).toBe(true);
});

test('an interrupt reaches the leader as often as it is sent', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('counts-interrupts.mjs'));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('ready');
  await tree.interrupt();
  expect(await lines.next()).toBe('interrupt 1');
  await tree.interrupt();
  expect(await lines.next()).toBe('interrupt 2');
});

test('an interrupt spares what has left the group of the leader', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('leaves-session.mjs'));
  const child = await readLines(tree.stdout).nextNumber();
  await tree.interrupt();
  expect(await tree.exited).toEqual({ code: null, signal: 'SIGINT' });
  expect(await memberPids(tree)).toEqual([child]);
});

test.each([-1, Number.NaN])('%d is no length of time', async (value) => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('prints-nothing.sh'));
  await expect(tree.stop({ graceMs: value })).rejects.toMatchObject({ code: 'badArgument' });
  await expect(tree.drained({ timeoutMs: value })).rejects.toMatchObject({ code: 'badArgument' });
  expect(await memberPids(tree)).toEqual([tree.pid]);
});

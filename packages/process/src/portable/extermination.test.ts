import { setTimeout as sleep } from 'node:timers/promises';
import { fixtureSpec, isAlive, readLines } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openTestHost } from '../test-host.ts';

const openHost = () => openTestHost({ instanceId: `test-${process.pid}` });
const longGraceMs = 600_000;

test('a stop lets a program clean up', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('cleans-up-on-sigterm.sh'));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('ready');
  await tree.stop({ graceMs: longGraceMs });
  expect(await lines.rest()).toEqual(['cleaned']);
  expect(await tree.exited).toEqual({ code: 9, signal: null });
});

test('a program that ignores SIGTERM is killed after the grace', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('ignores-sigterm.sh'));
  expect(await readLines(tree.stdout).next()).toBe('ready');
  await tree.stop({ graceMs: 50 });
  expect(await tree.exited).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await tree.members()).toEqual([]);
});

test('a stop without grace kills at once', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('cleans-up-on-sigterm.sh'));
  expect(await readLines(tree.stdout).next()).toBe('ready');
  await tree.stop({ graceMs: 0 });
  expect(await tree.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a second stop with a shorter grace ends both', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('ignores-sigterm.sh'));
  expect(await readLines(tree.stdout).next()).toBe('ready');
  const first = tree.stop({ graceMs: longGraceMs });
  await Promise.all([first, tree.stop({ graceMs: 0 })]);
  expect(await tree.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await tree.stop({ graceMs: longGraceMs });
});

test('a paused tree can clean up when it is stopped', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('cleans-up-on-sigterm.sh'));
  const lines = readLines(tree.stdout);
  expect(await lines.next()).toBe('ready');
  await tree.pause();
  await tree.stop({ graceMs: longGraceMs });
  expect(await lines.rest()).toEqual(['cleaned']);
  expect(tree.isPaused).toBe(false);
});

test('a stop during a pause wins', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('cleans-up-on-sigterm.sh'));
  expect(await readLines(tree.stdout).next()).toBe('ready');
  const pause = tree.pause();
  const stop = tree.stop({ graceMs: longGraceMs });
  await Promise.all([pause, stop, tree.pause(), tree.resume()]);
  expect(tree.isPaused).toBe(false);
  expect(await tree.exited).toEqual({ code: 9, signal: null });
});

test('a program that has stopped itself ends at SIGTERM', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('stops-itself.sh'));
  expect(await readLines(tree.stdout).next()).toBe('ready');
  while ((await tree.members())[0]?.isStopped !== true) await sleep(5);
  await tree.stop({ graceMs: longGraceMs });
  expect(await tree.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a paused tree is killed without being continued', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('ticks.mjs', ['5']));
  expect(await readLines(tree.stdout).next()).toBe('tick 1');
  await tree.pause();
  await tree.stop({ graceMs: 0 });
  expect(await tree.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test.each([
  'spawns-grandchild.sh',
  'leaves-grandchild.sh',
  'leaves-unmarked-grandchild.sh',
  'holds-stdout.sh',
  'leaves-session.mjs',
  'daemonises.mjs',
  'daemonises-and-stays.mjs',
  'wipes-environment.mjs',
])('a stop of %s leaves nobody', async (name) => {
  for (const graceMs of [0, longGraceMs]) {
    await using host = await openHost();
    const tree = await host.spawn(fixtureSpec(name));
    const other = await readLines(tree.stdout).nextNumber();
    expect(isAlive(other)).toBe(true);
    await tree.stop({ graceMs });
    expect([tree.pid, other].filter((pid) => isAlive(pid))).toEqual([]);
    await tree.empty();
  }
});

test('a stop of an empty tree resolves', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('exits-with.sh', ['3']));
  await tree.empty();
  await tree.stop({ graceMs: longGraceMs });
  await tree.stop({ graceMs: 0 });
  expect(await tree.exited).toEqual({ code: 3, signal: null });
});

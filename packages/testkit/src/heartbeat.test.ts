import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { beatingPrograms } from './beating-programs.ts';
import { fixture } from './fixtures.ts';
import { openHeartbeatFolder } from './heartbeat.ts';
import { isAlive, untilDead } from './live-process.ts';

const withinMs = 200;

test('who beats is told from who has beaten, and both from who is stopped', async () => {
  await using folder = await openHeartbeatFolder();
  const start = (role: string) => spawn(fixture('beats.pl'), [folder.path, role], { stdio: 'ignore' });
  const [one, two, three] = [start('one'), start('two'), start('three')];
  await folder.untilBeaten(['one', 'two', 'three']);
  expect(await folder.beating({ withinMs })).toEqual(['one', 'three', 'two']);
  two.kill('SIGKILL');
  await once(two, 'exit');
  three.kill('SIGSTOP');
  await expect.poll(() => folder.beating({ withinMs })).toEqual(['one']);
  expect((await folder.beaten()).sort()).toEqual(['one', 'three', 'two']);
  expect(new Set(await folder.named())).toEqual(new Set([one.pid, three.pid]));
});

test('a folder that goes takes everybody with it', async () => {
  const folder = await openHeartbeatFolder();
  const child = spawn(fixture('beats.pl'), [folder.path, 'stopped'], { stdio: 'ignore' });
  await folder.untilBeaten(['stopped']);
  child.kill('SIGSTOP');
  await folder[Symbol.asyncDispose]();
  expect(await folder.named()).toEqual([]);
});

test.each(beatingPrograms)('$name beats in each of its processes', async ({ name, left }) => {
  await using folder = await openHeartbeatFolder();
  const leader = spawn(fixture(name), [folder.path], { stdio: 'ignore', detached: true });
  await folder.untilBeaten(['leader', left]);
  const goingOn = name === 'beats-then-stops.sh' ? [] : [left];
  await expect.poll(() => folder.beating({ withinMs })).toEqual([...goingOn, 'leader'].sort());
  leader.kill('SIGKILL');
  await untilDead(Number(leader.pid));
  await expect.poll(() => folder.beating({ withinMs })).toEqual(goingOn);
});

test.each(beatingPrograms)('$name can leave without its leader', async ({ name, left }) => {
  await using folder = await openHeartbeatFolder();
  const leader = spawn(fixture(name), [folder.path, 'leave'], { stdio: 'ignore', detached: true });
  expect(await once(leader, 'exit')).toEqual([0, null]);
  await folder.untilBeaten([left]);
  expect(await folder.beaten()).toEqual([left]);
  expect(isAlive(Number(leader.pid))).toBe(false);
});

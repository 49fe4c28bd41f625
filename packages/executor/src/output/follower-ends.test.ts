import { afterEach, expect, test, vi } from 'vitest';
import type { FollowOptions } from './follower.ts';
import { follow, idle } from './test-follower.ts';
import { closed, openLog } from './test-log.ts';

afterEach(() => {
  vi.useRealTimers();
});

test.each(['credit', 'the sink'] as const)(
  'a follower for which %s stands still for too long is stalled, and its place is known',
  async (what) => {
    await using opened = await openLog();
    opened.print('aaaa', 'bbbb', 'cccc');
    const stallMs = 60_000;
    const isCredit = what === 'credit';
    const { follower, run, sent, until, shut, open } = follow(opened.log, {
      stallMs,
      creditBytes: isCredit ? 2 : 99,
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    if (!isCredit) shut();
    const done = run();
    await idle();
    vi.advanceTimersByTime(stallMs - 1);
    // Whatever moves gives it all of its time again.
    follower.grant(1);
    await idle();
    if (!isCredit) {
      open();
      await until(3);
      shut();
      opened.print('dddd');
      await idle();
    }
    vi.advanceTimersByTime(stallMs - 1);
    await idle();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await done).toBe('stalled');
    expect(vi.getTimerCount()).toBe(0);
    expect(sent).toHaveLength(isCredit ? 1 : 3);
    expect(follower.place).toEqual({ afterSeq: sent.length, afterOffset: sent.length * 4 });
  },
);

test('a follower that waits for the log is not stalled', async () => {
  await using opened = await openLog();
  opened.print('a');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const { run, until } = follow(opened.log, { stallMs: 1_000 });
  const done = run();
  await until(1);
  await idle();
  vi.advanceTimersByTime(1_000_000);
  opened.log.append(closed);
  expect(await done).toBe('ended');
});

test.each<[where: string, options: Partial<FollowOptions>, isShut: boolean]>([
  ['the log', { afterSeq: 1 }, false],
  ['credit', { creditBytes: 0 }, false],
  ['the sink', {}, true],
])(
  'a follower that is disposed while it waits for %s ends and sends nothing',
  async (_where, options, isShut) => {
    await using opened = await openLog();
    opened.print('a');
    const { follower, run, sent, shut } = follow(opened.log, { stallMs: 60_000, ...options });
    if (isShut) shut();
    const done = run();
    await idle();
    follower[Symbol.dispose]();
    expect(await done).toBe('disposed');
    opened.print('b');
    await idle();
    expect(sent).toEqual([]);
  },
);

test('a follower that is disposed before it runs, or in between, sends no more', async () => {
  await using opened = await openLog();
  opened.print('a', 'b');
  const early = follow(opened.log);
  early.follower[Symbol.dispose]();
  expect([await early.run(), early.sent]).toEqual(['disposed', []]);
  const { follower, run, until, sent } = follow(opened.log);
  const done = run();
  await until(2);
  follower[Symbol.dispose]();
  opened.print('c');
  expect(await done).toBe('disposed');
  expect(sent).toHaveLength(2);
  expect(follower.place).toEqual({ afterSeq: 2, afterOffset: 2 });
});

test('a sink that throws ends the follower', async () => {
  await using opened = await openLog();
  opened.print('a');
  const { run, sent } = follow(opened.log);
  sent.push = () => {
    throw new Error('the socket is gone');
  };
  await expect(run()).rejects.toThrow('the socket is gone');
});

test('the end of a log is sent, whenever it comes while the follower looks for more', async () => {
  for (let microtasks = 0; microtasks < 30; microtasks += 1) {
    await using opened = await openLog();
    const { run, texts } = follow(opened.log);
    const done = run();
    for (let count = 0; count < microtasks; count += 1) await Promise.resolve();
    opened.log.append(closed);
    expect([await done, texts()]).toEqual(['ended', ['closed']]);
  }
});

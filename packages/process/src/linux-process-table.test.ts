import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { openLinuxProcessTable } from './linux-process-table.ts';

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('we are in the table, as a child of our parent', async () => {
  const { entries } = await openLinuxProcessTable('i').scan();
  expect(entries.filter(({ pid }) => pid === process.pid)).toMatchObject([
    { parentPid: process.ppid, isDead: false },
  ]);
});

test.runIf(isLinux)('callers of one moment share a reading, later ones do not', async () => {
  const source = openLinuxProcessTable('i');
  const [one, other] = await Promise.all([source.scan(), source.scan()]);
  expect(one).toBe(other);
  expect(await source.scan()).not.toBe(one);
});

test.runIf(isLinux)(
  'a child is identified before it can be collected, and is not current after its end',
  async () => {
    const source = openLinuxProcessTable('i');
    const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
    const identity = await source.identify(child.pid ?? 0);
    expect(identity).toMatchObject({ pid: child.pid });
    if (identity === undefined) return;
    expect(source.isCurrent(identity)).toBe(true);
    expect(source.isCurrent({ ...identity, startTime: identity.startTime - 1 })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(source.isCurrent(identity)).toBe(false);
  },
);

test.runIf(isLinux)('a marked child is found in the table', async () => {
  const source = openLinuxProcessTable('i');
  const env = { CC_EXECUTOR_INSTANCE_ID: 'i', CC_EXECUTOR_TREE_ID: 'mine' };
  const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore', env });
  const treeOf = async () => (await source.scan()).entries.find(({ pid }) => pid === child.pid)?.treeId;
  await expect.poll(treeOf).toBe('mine');
  expect(await treeOf()).toBe('mine');
  child.kill('SIGKILL');
  await once(child, 'exit');
});

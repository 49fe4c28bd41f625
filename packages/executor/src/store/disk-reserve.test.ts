import { mkdtempDisposable, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiskReserve } from './disk-reserve.ts';

test('a reserve is let go once, and taken again', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reserve-'));
  const path = join(folder.path, 'reserve');
  const reserve = new DiskReserve(path);
  expect((await stat(path)).size).toBe(1024 * 1024);
  expect([reserve.release(), await readdir(folder.path), reserve.release()]).toEqual([true, [], false]);
  reserve.restore();
  expect((await stat(path)).size).toBe(1024 * 1024);
});

test('one that cannot be taken is done without', async () => {
  const reserve = new DiskReserve('/nowhere/reserve');
  reserve.restore();
  expect(reserve.release()).toBe(false);
});

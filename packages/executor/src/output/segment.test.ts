import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listSegments, segmentPath } from './segment.ts';

test('the segments of a folder come in the order of their numbers, and other files are none', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'segments-'));
  const folder = directory.path;
  const sizes = [
    [1, 0, 100],
    [9, 40, 64],
    [10, 90, 8],
    [100, 95, 0],
  ] as const;
  for (const [seq, offset, size] of sizes.toReversed())
    await writeFile(segmentPath(folder, seq, offset), Buffer.alloc(size));
  for (const name of ['1-0.log.tmp', 'x1-0.log', '-1-0.log', '1.log', '1-2-3.log'])
    await writeFile(join(folder, name), 'none');
  const common = { lines: undefined, openedAtMs: expect.any(Number) };
  expect(await listSegments(folder, 99)).toEqual([
    {
      ...common,
      path: join(folder, '1-0.log'),
      firstSeq: 1,
      firstOffset: 0,
      start: 0,
      end: 100,
      endOffset: 40,
    },
    {
      ...common,
      path: join(folder, '9-40.log'),
      firstSeq: 9,
      firstOffset: 40,
      start: 100,
      end: 164,
      endOffset: 90,
    },
    {
      ...common,
      path: join(folder, '10-90.log'),
      firstSeq: 10,
      firstOffset: 90,
      start: 164,
      end: 172,
      endOffset: 95,
    },
    {
      ...common,
      path: join(folder, '100-95.log'),
      firstSeq: 100,
      firstOffset: 95,
      start: 172,
      end: 172,
      endOffset: 99,
    },
  ]);
});

test('a folder that is not there has no segments, and one that is a file is an error', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'segments-'));
  expect(await listSegments(join(directory.path, 'gone'), 0)).toEqual([]);
  const path = join(directory.path, 'file');
  await writeFile(path, '');
  await expect(listSegments(path, 0)).rejects.toThrow('ENOTDIR');
});

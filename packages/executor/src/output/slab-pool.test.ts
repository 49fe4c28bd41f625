import { expect, test } from 'vitest';
import { SLAB_BYTES, SlabPool } from './slab-pool.ts';

test('slabs of a log grow until they are large, and one is as large as what it must take', () => {
  const pool = new SlabPool(1024 ** 3);
  const sizes: number[] = [];
  for (let count = 0; count < 6; count += 1) sizes.push(pool.take(10, sizes.at(-1) ?? 0).length);
  expect(sizes).toEqual([4 * 1024, 16 * 1024, 64 * 1024, SLAB_BYTES, SLAB_BYTES, SLAB_BYTES]);
  expect(pool.take(5_000, 0).length).toBe(5_000);
  expect(pool.take(SLAB_BYTES + 8, SLAB_BYTES).length).toBe(SLAB_BYTES + 8);
});

test('a large slab is used again, and no other', () => {
  const pool = new SlabPool(1024 ** 3);
  const large = pool.take(10, SLAB_BYTES);
  const small = pool.take(10, 0);
  expect(pool.usedBytes).toBe(SLAB_BYTES + 4 * 1024);
  pool.give(large);
  pool.give(small);
  expect(pool.usedBytes).toBe(0);
  // Compared here, since a comparison by the test library looks at every byte.
  expect([pool.take(10, 0) === small, pool.take(10, SLAB_BYTES) === large]).toEqual([false, true]);
  expect(pool.take(10, SLAB_BYTES) === large).toBe(false);
});

test('when memory is short, all who have joined are asked before more is taken', () => {
  const pool = new SlabPool(SLAB_BYTES);
  const asked: string[] = [];
  const held: Buffer[] = [];
  const one = pool.join(() => asked.push('one'));
  using _other = pool.join(() => {
    asked.push('other');
    for (const slab of held.splice(0)) pool.give(slab);
  });
  held.push(pool.take(10, SLAB_BYTES));
  // As much as there may be is not too much.
  held.push(pool.take(10, 0));
  expect([asked, pool.isFull]).toEqual([[], true]);
  pool.take(10, 0);
  expect([asked, pool.isFull, pool.usedBytes]).toEqual([['one', 'other'], false, 4 * 1024]);
  one[Symbol.dispose]();
  held.push(pool.take(10, SLAB_BYTES));
  pool.take(10, 0);
  expect(asked).toEqual(['one', 'other', 'other']);
});

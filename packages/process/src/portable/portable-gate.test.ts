import { fixtureSpec } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { findTools } from '../tools.ts';
import { spawnPortableGate } from './portable-gate.ts';

const { perl = '' } = await findTools(process.env['PATH'] ?? '');

test.each([0, 15])(
  'a gate that ends before it is told all of %d × 100 kB is not the command',
  async (count) => {
    const gate = await spawnPortableGate(perl, {});
    gate.kill();
    const args = Array.from({ length: count }, () => 'x'.repeat(100_000));
    await expect(gate.open(fixtureSpec('exits-with.sh', args), {})).rejects.toMatchObject({
      code: 'spawnFailed',
      message: expect.stringContaining('SIGKILL'),
    });
  },
);

test('a gate that is given up leaves nobody waiting for its answer', async () => {
  const gate = await spawnPortableGate(perl, {});
  const opening = gate.open(fixtureSpec('exits-with.sh'), {});
  gate.abandon();
  await expect(opening).rejects.toMatchObject({ code: 'spawnFailed' });
});

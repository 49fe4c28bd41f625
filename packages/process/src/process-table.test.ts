import { expect, test } from 'vitest';
import { shareReadings } from './process-table.ts';

test('those who ask in the same moment share one reading', async () => {
  let readings = 0;
  const scan = shareReadings(() => {
    readings += 1;
    return Promise.resolve({ entries: [], isConclusive: true });
  });
  await Promise.all([scan(), scan()]);
  expect(readings).toBe(1);
});

test('a reading that throws rejects for all who asked, and the next one is made anew', async () => {
  let readings = 0;
  const scan = shareReadings(() => {
    readings += 1;
    if (readings === 1) throw new Error('no file descriptors are left');
    return Promise.resolve({ entries: [], isConclusive: true });
  });
  const results = await Promise.allSettled([scan(), scan()]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  expect(await scan()).toEqual({ entries: [], isConclusive: true });
});

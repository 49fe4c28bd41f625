import { closeSync, openSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { fixtureSpec } from '@cc-executor/testkit';
import type { Containment } from './gate-keeper.ts';
import { openTier } from './test-tiers.ts';

// Run with a low limit of open files: uses all of them up, and prints a line of JSON with what then comes of a start,
// of one without a guardian, of stops that have begun meanwhile, and of a start afterwards.
const tier = process.argv[2] as Containment;
await using host = await openTier(tier);
const trees = [
  await host.spawn(fixtureSpec('ignores-sigterm.sh')),
  await host.spawn(fixtureSpec('ignores-sigterm.sh')),
];
const taken: number[] = [];

function takeAll(): void {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // That was the last one.
  }
}

async function start(): Promise<unknown> {
  try {
    const tree = await host.spawn(fixtureSpec('exits-with.sh', ['6']));
    return (await tree.exited).code;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error);
  }
}

takeAll();
// A gate in store that cannot be looked at is given up, which gives descriptors back.
const withSpare = await start();
takeAll();
const without = await start();
process.kill(host.guardian.pid, 'SIGKILL');
while (host.guardian.pid !== 0) await immediate();
takeAll();
const withoutGuardian = await start();
takeAll();
const stops = trees.map((tree) => tree.stop({ graceMs: 0 }));
const exits = Promise.all(trees.map(({ exited }) => exited));
// A namespace can be ended all the same.
if (tier === 'pidns') await exits;
for (const fd of taken) closeSync(fd);
await Promise.all(stops);
console.log(
  JSON.stringify({ withSpare, without, withoutGuardian, exits: await exits, afterwards: await start() }),
);

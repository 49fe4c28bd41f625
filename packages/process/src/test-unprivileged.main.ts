import { beatingPrograms, fixtureSpec, openHeartbeatFolder } from '@cc-executor/testkit';
import type { Containment } from './gate-keeper.ts';
import { openTier } from './test-tiers.ts';

// Run as another user than the tests: stops each program in the tier that the argument names, and prints a line of
// JSON with the roles that are still there.
const tier = process.argv[2] as Containment;
for (const { name, left } of beatingPrograms) {
  await using folder = await openHeartbeatFolder();
  await using host = await openTier(tier);
  const tree = await host.spawn(fixtureSpec(name, [folder.path]));
  await folder.untilBeaten(['leader', left]);
  // Who is not caught is found by what it does.
  await tree.stop({ graceMs: 100 }).catch(() => undefined);
  const survivors = await folder.beating({ withinMs: 150 });
  const standing = (await folder.named()).length - survivors.length;
  console.log(JSON.stringify({ uid: process.getuid?.(), name, survivors, standing: Math.max(0, standing) }));
}

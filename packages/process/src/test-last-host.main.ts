import { fixtureSpec } from '@cc-executor/testkit';
import type { Containment } from './gate-keeper.ts';
import { openTier } from './test-tiers.ts';

// Opens a host, uses it, and comes to its end, with or without disposing of it. Prints the guardian's pid.
const host = await openTier(process.argv[2] as Containment);
const tree = await host.spawn(fixtureSpec('exits-with.sh', ['0']));
await tree.empty();
console.log(host.guardian.pid);
if (process.argv[3] === 'dispose') await host[Symbol.asyncDispose]();

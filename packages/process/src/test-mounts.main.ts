import { execFileSync } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fixtureSpec } from '@cc-executor/testkit';
import { openTier } from './test-tiers.ts';

// Run in a mount namespace of its own: mounts a file system after a host has had the time to put a gate in store,
// and prints what a command finds there.
await using folder = await mkdtempDisposable(join(tmpdir(), 'mounts-'));
await using host = await openTier('pidns');
await (await host.spawn(fixtureSpec('exits-with.sh'))).empty();
execFileSync('mount', ['-t', 'tmpfs', 'none', folder.path]);
try {
  await writeFile(join(folder.path, 'file'), 'mounted\n');
  const tree = await host.spawn({
    ...fixtureSpec('exits-with.sh'),
    file: '/bin/cat',
    args: [join(folder.path, 'file')],
  });
  process.stdout.write(await text(tree.stdout));
} finally {
  execFileSync('umount', [folder.path]);
}

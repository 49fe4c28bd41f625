import { beatingPrograms, fixtureSpec, openHeartbeatFolder, readLines } from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { findTiers, openTier } from './test-tiers.ts';

const tiers = await findTiers();
const withinMs = 150;

describe.each(tiers)('%s', (tier) => {
  test.each(beatingPrograms)('a pause of $name silences all, a resume continues all', async (program) => {
    const { name, left, mayEscape } = program;
    const all = ['leader', left].sort();
    await using host = await openTier(tier);
    await using folder = await openHeartbeatFolder();
    const tree = await host.spawn(fixtureSpec(name, [folder.path]));
    await folder.untilBeaten(all);
    await tree.pause();
    const beating = await folder.beating({ withinMs });
    expect(mayEscape && tier === 'portable' ? [left] : []).toEqual(expect.arrayContaining(beating));
    const members = await tree.members();
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter(({ isStopped }) => !isStopped)).toEqual([]);
    await tree.resume();
    await expect.poll(() => folder.beating({ withinMs })).toEqual(all);
  });

  test('an interrupt reaches every member of the group of the leader', async () => {
    await using host = await openTier(tier);
    const spec = fixtureSpec('counts-interrupts.mjs');
    const args = ['-c', '"$0" & exec "$0"', spec.file];
    const tree = await host.spawn({ ...spec, file: '/bin/sh', args });
    const lines = readLines(tree.stdout);
    expect([await lines.next(), await lines.next()]).toEqual(['ready', 'ready']);
    await tree.interrupt();
    expect([await lines.next(), await lines.next()]).toEqual(['interrupt 1', 'interrupt 1']);
    await tree.interrupt();
    expect([await lines.next(), await lines.next()]).toEqual(['interrupt 2', 'interrupt 2']);
  });

  test('an interrupt ends a program that does not handle it, and reads so', async () => {
    await using host = await openTier(tier);
    await using folder = await openHeartbeatFolder();
    const tree = await host.spawn(fixtureSpec('beats.pl', [folder.path, 'leader']));
    await folder.untilBeaten(['leader']);
    await tree.interrupt();
    expect(await tree.exited).toEqual({ code: null, signal: 'SIGINT' });
  });

  test('an interrupt spares what has left the group of the leader', async () => {
    await using host = await openTier(tier);
    await using folder = await openHeartbeatFolder();
    // The leader lives on, so that nothing but the interrupt can end the other two.
    const script = [
      'my ($beats, $folder) = @ARGV;',
      'fork or exec($beats, $folder, "inside");',
      'fork or exec("setsid", $beats, $folder, "outside");',
      '$SIG{INT} = sub {};',
      'sleep(1) while 1;',
    ].join(' ');
    const spec = fixtureSpec('beats.pl');
    const args = ['perl', '-e', script, spec.file, folder.path];
    const tree = await host.spawn({ ...spec, file: '/usr/bin/env', args });
    await folder.untilBeaten(['inside', 'outside']);
    await tree.interrupt();
    await expect.poll(() => folder.beating({ withinMs })).toEqual(['outside']);
  });
});

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { findTiers } from './test-tiers.ts';

test.each(await findTiers())(
  '%s: whoever forgets to dispose of a host can end, and nothing is left',
  async (tier) => {
    const program = fileURLToPath(new URL('test-undisposed.main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@cc-executor/source', program, tier], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = await text(child.stdout);
    expect(output).toMatch(/^\d+\n$/);
    await untilDead(Number(output));
  },
);

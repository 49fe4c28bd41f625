import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { untilDead } from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { findTiers } from './test-tiers.ts';

const program = fileURLToPath(new URL('test-last-host.main.ts', import.meta.url));

describe.each(await findTiers())('%s', (tier) => {
  test.each(['forget', 'dispose'])(
    'a program whose host is the last it has can %s it and end',
    async (verb) => {
      const args = ['--conditions=@cc-executor/source', program, tier, verb];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
      // Node gives 13 to a program that nothing keeps alive while it waits.
      expect(code).toBe(0);
      expect(output).toMatch(/^\d+\n$/);
      await untilDead(Number(output));
    },
  );
});

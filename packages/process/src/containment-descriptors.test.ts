import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findTiers } from './test-tiers.ts';

test.each(await findTiers())(
  '%s: without file descriptors starts are refused, stops come to their end, and nothing breaks',
  async (tier) => {
    const program = fileURLToPath(new URL('test-descriptors.main.ts', import.meta.url));
    const node = [process.execPath, '--conditions=@cc-executor/source', program, tier];
    const child = spawn('/bin/sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', ...node], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Descriptors that come free on the way may be enough for one more.
    const refusedOrDone = expect.toBeOneOf(['spawnFailed', 'guardianUnavailable', 6]);
    const killed = { code: null, signal: 'SIGKILL' };
    expect(JSON.parse(await text(child.stdout))).toEqual({
      withSpare: refusedOrDone,
      without: refusedOrDone,
      withoutGuardian: refusedOrDone,
      exits: [killed, killed],
      afterwards: 6,
    });
  },
);

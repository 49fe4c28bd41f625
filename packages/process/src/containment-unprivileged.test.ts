import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beatingPrograms } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { findTiers } from './test-tiers.ts';

// The user `nobody` of every Linux and macOS.
const nobody = 65_534;
const program = fileURLToPath(new URL('test-unprivileged.main.ts', import.meta.url));
const reason = await findHindrance();
if (reason !== undefined) console.warn(`Containment is not tested as another user: ${reason}`);

test.skipIf(reason !== undefined && process.env['CI'] !== 'true').each(await findTiers())(
  'an unprivileged user leaves nobody behind in the tier %s',
  async (tier) => {
    expect(reason).toBeUndefined();
    const child = runAsNobody(['--conditions=@cc-executor/source', program, tier]);
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(errors).toBe('');
    const results = output
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const escaped = expect.toSatisfy((roles: unknown) => Array.isArray(roles) && !roles.includes('leader'));
    expect(results).toEqual(
      beatingPrograms.map(({ name, mayEscape }) => {
        const isAllowed = mayEscape && tier === 'portable';
        return { uid: nobody, name, survivors: isAllowed ? escaped : [], standing: 0 };
      }),
    );
  },
  120_000,
);

function runAsNobody(args: readonly string[]) {
  return spawn(process.execPath, args, {
    uid: nobody,
    gid: nobody,
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Why the program cannot be run as somebody else; undefined when it can. */
async function findHindrance(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root may start a program as another user.';
  try {
    const child = runAsNobody(['-e', 'fs.accessSync(process.argv[1], fs.constants.R_OK)', program]);
    const [code] = await once(child, 'exit');
    return code === 0 ? undefined : `nobody may not read ${program}.`;
  } catch (error) {
    return `nobody may not run ${process.execPath} (${String(error)}).`;
  }
}

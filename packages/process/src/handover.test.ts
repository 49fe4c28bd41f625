import { text } from 'node:stream/consumers';
import { fixtureSpec } from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { openTestHost } from './test-host.ts';

describe.each(['portable', 'prefer'] as const)('containment %s', (containment) => {
  test('variables that mean something to those in between arrive untouched, and do nothing on the way', async () => {
    await using host = await openTestHost({ containment });
    const spec = fixtureSpec('prints-environment.mjs');
    const env = {
      ...spec.env,
      PERL5OPT: '-Mno::such::module',
      PERL5LIB: '/nowhere',
      PERL_BADLANG: '1',
      LC_ALL: 'xx_YY.UTF-8',
      PWD: '/somewhere else',
      'odd.name': 'a=b\nc',
      EMPTY: '',
    };
    const tree = await host.spawn({ ...spec, env });
    expect(JSON.parse(await text(tree.stdout))).toEqual({
      ...env,
      CC_EXECUTOR_TREE_ID: spec.id,
      CC_EXECUTOR_INSTANCE_ID: expect.any(String),
    });
    expect(await text(tree.stderr)).toBe('');
  });
});

import { mkdir, mkdtempDisposable, realpath, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RpcError } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { PolicyConfig, type AllowRuleConfig } from './policy-config.ts';
import { Policy } from './policy.ts';

const file = '/etc/policy.json';
const policyOf = (config: z.input<typeof PolicyConfig> = {}): Policy =>
  new Policy(PolicyConfig.parse(config), file);
const run = (name: string, ...args: string[]) => ({
  name,
  args,
  file: name.includes('/') ? name : `/usr/bin/${name}`,
});

/** What an action is refused with. */
async function refusal(
  action: () => unknown,
): Promise<RpcError<'policyRefused'>['data'] & { message: string }> {
  try {
    await action();
  } catch (error) {
    if (error instanceof RpcError && error.code === 'policyRefused') {
      return { ...(error as RpcError<'policyRefused'>).data, message: error.message };
    }
    throw error;
  }
  throw new Error('it was not refused');
}

test('with no configuration everyday commands run and others do not', async () => {
  const policy = policyOf();
  policy.judgeCommand(run('git', 'status'));
  expect(await refusal(() => policy.judgeCommand(run('mkfs', '/dev/sda')))).toEqual({
    rule: 'default deny',
    file,
    mend: 'add "mkfs" to policy.allow',
    message:
      'Policy does not allow mkfs: no rule speaks of it. To allow it, add "mkfs" to policy.allow in /etc/policy.json',
  });
});

test('the everyday commands can be switched off', async () => {
  const policy = policyOf({ everydayCommands: false, allow: ['git status'] });
  policy.judgeCommand(run('git', 'status'));
  expect((await refusal(() => policy.judgeCommand(run('ls')))).rule).toBe('default deny');
  expect((await refusal(() => policy.judgeCommand(run('git', 'push')))).rule).toBe('default deny');
  expect(policy.describe()).toEqual({ allow: ['git status'], deny: [] });
});

test('one rule that says so is enough to keep a command out of a namespace, wherever it stands', () => {
  const sudo: AllowRuleConfig = { program: 'sudo', args: ['-n', '*'], containment: 'portable' };
  for (const allow of [
    [sudo, 'sudo'],
    ['sudo', sudo],
  ]) {
    const policy = policyOf({ allow });
    expect(policy.isPortable(run('sudo', '-n', 'true'))).toBe(true);
    expect(policy.isPortable(run('sudo', 'true'))).toBe(false);
    expect(policy.isPortable(run('git', '-n'))).toBe(false);
  }
  // An everyday command, which a built-in rule allows as well.
  const git = policyOf({ allow: [{ program: 'git', containment: 'portable' }] });
  expect(git.isPortable(run('git', 'push'))).toBe(true);
  expect(git.describe().allow).toContain('git (portable)');
});

test('a command that is kept out of a namespace is denied all the same', async () => {
  const policy = policyOf({ allow: [{ program: 'sudo', containment: 'portable' }], deny: ['sudo rm *'] });
  expect(() => policy.judgeCommand(run('sudo', 'ls'))).not.toThrow();
  expect((await refusal(() => policy.judgeCommand(run('sudo', 'rm', '/')))).rule).toBe('deny: sudo rm *');
});

test.each([
  { allow: [{ program: 'sudo', containment: 'pidns' }] },
  { deny: [{ program: 'sudo', containment: 'portable' }] },
])('%j is no policy', (config) => {
  expect(PolicyConfig.safeParse(config).success).toBe(false);
});

test('following the advice of a refusal allows the command', async () => {
  const { mend } = await refusal(() => policyOf().judgeCommand(run('mkfs', '-n')));
  const rule = /^add "(.*)" to policy.allow$/.exec(mend)?.[1];
  expect(() => policyOf({ allow: [rule ?? ''] }).judgeCommand(run('mkfs', '-n'))).not.toThrow();
});

test('deny wins over every allow and names its rule', async () => {
  const policy = policyOf({ allow: ['git push *', '*'], deny: ['git push *'] });
  policy.judgeCommand(run('git', 'pull'));
  expect(await refusal(() => policy.judgeCommand(run('git', 'push', '--force')))).toMatchObject({
    rule: 'deny: git push *',
    file,
    mend: 'remove "git push *" from policy.deny',
  });
});

test('a denied program cannot be had by its path either', async () => {
  const policy = policyOf({ allow: ['*'], deny: ['shred'] });
  expect((await refusal(() => policy.judgeCommand(run('/usr/bin/shred', 'x')))).rule).toBe('deny: shred');
  const other = { name: './tidy', file: '/usr/bin/shred', args: ['x'] };
  expect((await refusal(() => policy.judgeCommand(other))).rule).toBe('deny: shred');
});

test('a rule that no one can read is an error at the start', () => {
  expect(() => policyOf({ allow: ['ls | wc'] })).toThrow(TypeError);
  expect(() => policyOf({ deny: ['$x'] })).toThrow(TypeError);
});

test('a shell line needs the shell capability', async () => {
  policyOf({ shell: 'full' }).judgeShell();
  expect(await refusal(() => policyOf({ allow: ['*'] }).judgeShell())).toMatchObject({
    rule: 'shell: off',
    file,
    mend: 'set policy.shell to "full"',
  });
});

test('a job sets only the variables that are listed for its program or for all', async () => {
  const policy = policyOf({ environment: { '*': ['LANG'], node: ['NODE_OPTIONS'] } });
  policy.judgeEnvironment('node', []);
  policy.judgeEnvironment('node', ['LANG', 'NODE_OPTIONS']);
  policy.judgeEnvironment('git', ['LANG']);
  expect(await refusal(() => policy.judgeEnvironment('git', ['LANG', 'NODE_OPTIONS']))).toMatchObject({
    rule: 'environment',
    file,
    mend: 'add "NODE_OPTIONS" to policy.environment["git"]',
  });
  expect((await refusal(() => policy.judgeEnvironment('node', ['LD_PRELOAD']))).rule).toBe('environment');
});

test.each(['constructor', 'toString', '__proto__'])(
  'a program named %s has no variables of its own',
  async (name) => {
    expect((await refusal(() => policyOf().judgeEnvironment(name, ['name']))).rule).toBe('environment');
  },
);

test('a job works anywhere when no roots are set', async () => {
  await expect(policyOf().judgeCwd('/anywhere')).resolves.toBeUndefined();
});

test('a job works in a root and below it, not beside it', async () => {
  await using directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'policy-'));
  const root = join(directory.path, 'b');
  await mkdir(root);
  const policy = policyOf({ cwdRoots: [root] });
  await policy.judgeCwd(root);
  await policy.judgeCwd(join(root, 'deep/er'));
  expect(await refusal(() => policy.judgeCwd(`${root}c`))).toMatchObject({
    rule: 'cwdRoots',
    file,
    mend: `add "${root}c" to policy.cwdRoots`,
  });
  expect((await refusal(() => policy.judgeCwd(directory.path))).rule).toBe('cwdRoots');
});

test('a root may be written with a slash at its end, and / means everywhere', async () => {
  await using directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'policy-'));
  const roots = [`${directory.path}/`, '/'];
  for (const root of roots) {
    await expect(policyOf({ cwdRoots: [root] }).judgeCwd(directory.path)).resolves.toBeUndefined();
  }
});

test('a root that is a link stands for the folder behind it', async () => {
  await using directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'policy-'));
  const [real, link] = [join(directory.path, 'real'), join(directory.path, 'link')];
  await mkdir(real);
  await symlink(real, link);
  const policy = policyOf({ cwdRoots: [link] });
  await policy.judgeCwd(join(real, 'sub'));
  expect((await refusal(() => policy.judgeCwd(directory.path))).rule).toBe('cwdRoots');
});

test('one of several roots is enough, and one that does not exist harms nobody', async () => {
  await using directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'policy-'));
  const policy = policyOf({ cwdRoots: ['/no/such/folder', directory.path] });
  await expect(policy.judgeCwd(directory.path)).resolves.toBeUndefined();
});

const prompt = 'hello';

test('a Claude job gets the maxima where it asks for none', () => {
  const policy = policyOf({ claude: { maxBudgetUsd: 2, maxTurns: 30 } });
  expect(policy.judgeClaude({ prompt })).toEqual({ prompt, maxBudgetUsd: 2, maxTurns: 30 });
  const modest = { prompt, maxBudgetUsd: 1, maxTurns: 30 };
  expect(policy.judgeClaude(modest)).toEqual(modest);
  expect(policyOf().judgeClaude({ prompt })).toEqual({ prompt });
});

test('judging a Claude job does not change what the caller sent', () => {
  const spec = { prompt };
  policyOf({ claude: { maxTurns: 3 } }).judgeClaude(spec);
  expect(spec).toEqual({ prompt });
});

test('a Claude job that asks for more than the maximum is refused', async () => {
  const policy = policyOf({ claude: { maxBudgetUsd: 2, maxTurns: 30 } });
  expect(await refusal(() => policy.judgeClaude({ prompt, maxBudgetUsd: 2.5 }))).toMatchObject({
    rule: 'claude.maxBudgetUsd',
    mend: 'raise policy.claude.maxBudgetUsd',
    message: expect.stringContaining('at most 2, not 2.5'),
  });
  expect((await refusal(() => policy.judgeClaude({ prompt, maxTurns: 31 }))).rule).toBe('claude.maxTurns');
});

test('permissions are bypassed only where the owner lists it', async () => {
  const spec = { prompt, permissionMode: 'bypassPermissions' as const };
  expect(await refusal(() => policyOf().judgeClaude(spec))).toMatchObject({
    rule: 'claude.permissionModes',
    mend: 'add "bypassPermissions" to policy.claude.permissionModes',
  });
  const open = policyOf({ claude: { permissionModes: ['bypassPermissions'] } });
  expect(open.judgeClaude(spec)).toEqual(spec);
  expect((await refusal(() => open.judgeClaude({ prompt, permissionMode: 'plan' }))).rule).toBe(
    'claude.permissionModes',
  );
});

test('Claude jobs can be switched off', async () => {
  const policy = policyOf({ claude: { allowed: false } });
  expect((await refusal(() => policy.judgeClaude({ prompt }))).rule).toBe('claude.allowed');
});

test('the hash changes with the policy and with nothing else', () => {
  const { hash } = policyOf({ allow: ['x'] });
  expect(policyOf({ allow: ['x'] }).hash).toBe(hash);
  const others = [{}, { allow: ['y'] }, { deny: ['x'] }, { allow: ['x'], shell: 'full' as const }];
  const hashes = others.map((config) => policyOf(config).hash);
  expect(new Set([hash, ...hashes]).size).toBe(5);
});

test('a misspelt setting is an error', () => {
  expect(PolicyConfig.safeParse({ alow: ['ls'] }).success).toBe(false);
  expect(PolicyConfig.safeParse({ claude: { maxBudget: 1 } }).success).toBe(false);
  expect(PolicyConfig.safeParse({ cwdRoots: ['relative'] }).success).toBe(false);
});

test.each(['*', '', 'A=B', 'A*B', 'A\0'])('an environment cannot be listed as %j', (name) => {
  expect(PolicyConfig.safeParse({ environment: { '*': [name] } }).success).toBe(false);
  expect(PolicyConfig.safeParse({ environment: { '*': ['LANG', 'AWS_*'] } }).success).toBe(true);
});

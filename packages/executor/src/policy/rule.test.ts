import { mkdtempDisposable, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { everydayCommands } from './everyday-commands.ts';
import type { RuleConfig } from './policy-config.ts';
import { compileRule, matchesRule } from './rule.ts';

const matches = (config: RuleConfig, argv: string[], file = `/usr/bin/${argv[0] ?? ''}`): boolean => {
  const [name = '', ...args] = argv;
  return matchesRule(compileRule(config), { name, file, args });
};

test.each<[rule: RuleConfig, yes: string[][], no: string[][]]>([
  ['ls', [['ls'], ['ls', '-l', '/tmp']], [['lsof'], ['l']]],
  ['git status', [['git', 'status']], [['git'], ['git', 'status', '-s'], ['git', 'Status']]],
  [
    'git diff *',
    [
      ['git', 'diff'],
      ['git', 'diff', '--stat'],
      ['git', 'diff', 'a', 'b'],
    ],
    [['git'], ['git', '--no-pager', 'diff'], ['git', 'difftool']],
  ],
  [
    'npm run * --silent',
    [['npm', 'run', 'build', '--silent']],
    [
      ['npm', 'run', '--silent'],
      ['npm', 'run', 'a', 'b', '--silent'],
    ],
  ],
  ['docker * ps', [['docker', 'compose', 'ps']], [['docker', 'ps']]],
  ["git commit -m 'a b'", [['git', 'commit', '-m', 'a b']], [['git', 'commit', '-m', 'a', 'b']]],
  ['*', [['anything'], ['rm', '-rf', '/']], []],
  ['* --version', [['node', '--version']], [['node', '-v'], ['node']]],
  [{ program: 'ls' }, [['ls'], ['ls', '-l']], [['cat']]],
  [{ program: 'ls', args: [] }, [['ls']], [['ls', '-l']]],
  [
    { program: 'echo', args: ['a | b', '*'] },
    [
      ['echo', 'a | b'],
      ['echo', 'a | b', 'c'],
    ],
    [['echo', 'a']],
  ],
])('the rule %j speaks of %j and not of %j', (rule, yes, no) => {
  expect(yes.filter((argv) => !matches(rule, argv))).toEqual([]);
  expect(no.filter((argv) => matches(rule, argv))).toEqual([]);
});

test('a star inside a token is no wildcard', () => {
  expect(matches('git --*', ['git', '--version'])).toBe(false);
  expect(matches('git --*', ['git', '--*'])).toBe(true);
});

test('a rule with a path speaks of the real file, whatever it was called', () => {
  expect(matches('/usr/bin/git', ['git'], '/usr/bin/git')).toBe(true);
  expect(matches('/usr/bin/git', ['git'], '/home/eve/bin/git')).toBe(false);
});

test('a rule with the path of a link speaks of the file behind it', async () => {
  await using directory = await mkdtempDisposable(join(await realpath(tmpdir()), 'rule-'));
  const file = join(directory.path, 'tool-1.2');
  await writeFile(file, '');
  await symlink(file, join(directory.path, 'tool'));
  expect(matches(join(directory.path, 'tool'), ['tool'], file)).toBe(true);
});

test('a rule with a name does not allow a path that ends in it', () => {
  expect(matches('git', ['/home/eve/bin/git'], '/home/eve/bin/git')).toBe(false);
  expect(matches('git', ['./git'], '/home/eve/git')).toBe(false);
});

test.each(['', '  ', 'a | b', 'echo $HOME', "echo 'open", 'A=b ls', 'if', 'ls; rm'])(
  'the rule %j is an error of the policy',
  (rule) => {
    expect(() => compileRule(rule)).toThrow(TypeError);
  },
);

test('a rule is quoted as it was written', () => {
  expect(compileRule('git diff *').text).toBe('git diff *');
  expect(compileRule({ program: 'git', args: ['diff', '*'] }).text).toBe('git diff *');
});

test('every everyday command is a rule, and none of them is a shell', () => {
  expect(everydayCommands.map((name) => compileRule(name).program)).toEqual([...everydayCommands]);
  expect(new Set(everydayCommands).size).toBe(everydayCommands.length);
  const launchers = 'sh bash dash zsh env sudo xargs ssh timeout nohup setsid'.split(' ');
  expect(everydayCommands.filter((name) => launchers.includes(name))).toEqual([]);
});

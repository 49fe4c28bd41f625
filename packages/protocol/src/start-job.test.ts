import { expect, test } from 'vitest';
import { MAX_PROMPT_CHARS } from './claude-spec.ts';
import { StartJobParams } from './start-job.ts';

const command = { kind: 'command', cwd: '/', argv: ['ls'] };
const claude = { kind: 'claude', cwd: '/', prompt: 'hello' };
const sessionId = '01234567-89ab-4cde-8f01-23456789abcd';

/** The places of the problems with these parameters. */
function problems(params: object): string[] {
  const parsed = StartJobParams.safeParse(params);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
}

test('a command comes as argv or as a line, not as both and not as neither', () => {
  const { argv: _, ...bare } = command;
  expect(problems({ ...bare, argv: ['ls'] })).toEqual([]);
  expect(problems({ ...bare, command: 'ls' })).toEqual([]);
  expect(problems({ ...bare, argv: ['ls'], command: 'ls' })).toEqual(['argv']);
  expect(problems(bare)).toEqual(['argv']);
  expect(StartJobParams.safeParse(bare).error?.issues[0]?.message).toBe(
    'a command job takes exactly one of argv and command',
  );
});

test.each<[what: string, params: object, path: string]>([
  ['the folder', { ...command, cwd: '/a\0b' }, 'cwd'],
  ['the program', { ...command, argv: ['l\0s'] }, 'argv.0'],
  ['an argument', { ...command, argv: ['ls', 'a\0'] }, 'argv.1'],
  ['the line', { kind: 'command', cwd: '/', command: 'ls\0' }, 'command'],
  ['a variable', { ...command, env: { A: '\0' } }, 'env.A'],
])('NUL in %s is refused', (_what, params, path) => {
  expect(problems(params)).toEqual([path]);
});

test.each(['', '1A', 'A-B', 'A=B', 'A B', 'BASH_FUNC_x%%', 'É'])('%j is no name of a variable', (name) => {
  expect(problems({ ...command, env: { [name]: 'x' } })).toEqual([`env.${name}`]);
});

test('a copy of a session needs the session', () => {
  expect(problems({ ...claude, fork: true })).toEqual(['fork']);
  expect(problems({ ...claude, fork: true, sessionId })).toEqual([]);
  expect(problems({ ...claude, fork: false })).toEqual([]);
  expect(problems({ ...claude, sessionId })).toEqual([]);
});

test('what belongs to one kind is refused for the other', () => {
  expect(problems({ ...command, prompt: 'hello' })).toEqual(['']);
  expect(problems({ ...claude, argv: ['ls'] })).toEqual(['']);
  expect(problems({ ...command, kind: 'shell' })).toEqual(['kind']);
});

test('a job is followed unless asked otherwise', () => {
  expect(StartJobParams.parse({ ...command, attach: {} }).attach).toEqual({
    encoding: 'utf8',
    creditBytes: 1024 * 1024,
  });
  expect(StartJobParams.parse({ ...command, attach: false }).attach).toBe(false);
  expect(StartJobParams.parse(command).attach).toBeUndefined();
  expect(problems({ ...command, attach: true })).not.toEqual([]);
  expect(problems({ ...command, attach: { credit: 1 } })).not.toEqual([]);
});

test.each<[params: object, path: string]>([
  [{ ...command, argv: [] }, 'argv'],
  [{ ...command, cwd: '' }, 'cwd'],
  [{ ...command, timeoutMs: 0 }, 'timeoutMs'],
  [{ ...command, timeoutMs: 14 * 24 * 3600 * 1000 + 1 }, 'timeoutMs'],
  [{ ...command, idleTimeoutMs: 1.5 }, 'idleTimeoutMs'],
  [{ ...command, startTimeoutMs: 0 }, 'startTimeoutMs'],
  [{ ...command, limits: { files: 100 } }, 'limits'],
  [{ ...command, limits: { openFiles: 31 } }, 'limits.openFiles'],
  [{ ...command, limits: { coreBytes: -1 } }, 'limits.coreBytes'],
  [{ ...command, limits: { fileBytes: 0.5 } }, 'limits.fileBytes'],
  [{ ...command, limits: { cpuSeconds: 0 } }, 'limits.cpuSeconds'],
  [{ ...claude, limits: { dataBytes: 16 * 1024 * 1024 - 1 } }, 'limits.dataBytes'],
  [{ ...command, priority: 1001 }, 'priority'],
  [{ ...command, onDetach: 'forget' }, 'onDetach'],
  [{ ...command, stdin: 'file' }, 'stdin'],
  [{ ...claude, prompt: '' }, 'prompt'],
  [{ ...claude, sessionId: 'last' }, 'sessionId'],
  [{ ...claude, permissionMode: 'auto' }, 'permissionMode'],
  [{ ...claude, maxTurns: 0 }, 'maxTurns'],
  [{ ...claude, maxBudgetUsd: 0 }, 'maxBudgetUsd'],
])('%j is refused because of %s', (params, path) => {
  expect(problems(params)).toEqual([path]);
});

test('limits may be as low as they say', () => {
  const limits = { openFiles: 32, coreBytes: 0, fileBytes: 0, cpuSeconds: 1, dataBytes: 16 * 1024 * 1024 };
  expect(StartJobParams.parse({ ...command, limits }).limits).toEqual(limits);
  expect(problems({ ...claude, limits: {} })).toEqual([]);
});

test('a prompt may be as long as the limit says, and begin with anything', () => {
  expect(problems({ ...claude, prompt: 'x'.repeat(MAX_PROMPT_CHARS) })).toEqual([]);
  expect(problems({ ...claude, prompt: 'x'.repeat(MAX_PROMPT_CHARS + 1) })).toEqual(['prompt']);
  expect(problems({ ...claude, prompt: '--help' })).toEqual([]);
});

test('the longest timeout can be given to a timer', () => {
  expect(problems({ ...command, timeoutMs: 14 * 24 * 3600 * 1000 })).toEqual([]);
  expect(14 * 24 * 3600 * 1000).toBeLessThan(2 ** 31);
});

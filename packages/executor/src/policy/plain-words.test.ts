import { spawnSync } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitPlainWords } from './plain-words.ts';

test.each<[line: string, argv: string[]]>([
  ['ls', ['ls']],
  ['  git   diff\t--stat ', ['git', 'diff', '--stat']],
  ["echo 'a  b' c", ['echo', 'a  b', 'c']],
  ['echo "a  b"', ['echo', 'a  b']],
  [`echo 'it''s' "x"'y'z`, ['echo', 'its', 'xyz']],
  [`echo '' "" a`, ['echo', '', '', 'a']],
  [`echo '$HOME' '|' '*' '~' '#' '!' '\\'`, ['echo', '$HOME', '|', '*', '~', '#', '!', '\\']],
  ['echo "a | b; c > d * ? ~ # [x] {y} (z)"', ['echo', 'a | b; c > d * ? ~ # [x] {y} (z)']],
  [`echo "it's" 'say "hi"'`, ['echo', "it's", 'say "hi"']],
  ["printf 'one\ntwo'", ['printf', 'one\ntwo']],
  ['make CC=clang -j4', ['make', 'CC=clang', '-j4']],
  ['--flag=x', ['--flag=x']],
  ['2x=y', ['2x=y']],
  ['echo if then in time', ['echo', 'if', 'then', 'in', 'time']],
  ['echo a,b.c:d/e@f%g^h+i-j_k', ['echo', 'a,b.c:d/e@f%g^h+i-j_k']],
  ['grüße 日本 🙂', ['grüße', '日本', '🙂']],
])('%j is the plain words %j', (line, argv) => {
  expect(splitPlainWords(line)).toEqual(argv);
});

test.each<[what: string, lines: string[]]>([
  ['nothing to run', ['', '   ', '\t', "''", '""', "'' ls"]],
  ['a pipe, list or job', ['a | b', 'a|b', 'a && b', 'a || b', 'a; b', 'a &', 'a\nb', 'ls\n']],
  ['a redirection', ['a > b', 'a 2>&1', 'a < b', 'a <<X', 'a <<< b']],
  ['an expansion', ['echo $HOME', 'echo "$HOME"', 'echo `id`', 'echo "`id`"', 'echo $(id)', 'echo ~']],
  ['a glob', ['ls *.ts', 'ls ?', 'ls [ab]', 'echo a{b,c}']],
  ['an escape', ['echo a\\ b', 'echo "a\\n"', 'a\\']],
  ['a comment or history', ['ls #x', 'echo !!', 'echo "!!"']],
  ['a subshell or group', ['(ls)', '{ ls; }', '( ls', '}']],
  ['an assignment', ['A=b', 'A=b ls', '_a1= ls', 'A+=b ls', "PATH='/x' ls"]],
  ['a job of the shell', ['%1', '%% x', "'%make'"]],
  ['a reserved word', ['if', 'while true', 'time ls', '[[ a', '! ls', 'function f', 'coproc ls']],
  ['an open quote', ["echo 'a", 'echo "a', `echo 'a' "b`, `echo "it's`.slice(0, -1) + `'`]],
  ['a control character', ['ls\0', 'a\0b', 'ls\r', "echo 'a\rb'", 'ls\x1b[2J', 'ls\x7f', 'a\x0bb', '\x01']],
])('a line with %s is for a shell', (_what, lines) => {
  expect(lines.map((line) => [line, splitPlainWords(line)])).toEqual(lines.map((line) => [line, undefined]));
});

/** Words as a caller may have them: any text but control characters and, here, single quotes. */
const word = fc
  .string({ unit: 'binary', maxLength: 12 })
  // oxlint-disable-next-line no-control-regex -- control characters are what is left out
  .map((text) => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f']/g, 'x'));
const quote = (text: string): string => `'${text}'`;

test('any words, each in single quotes, come back as they were', () => {
  const program = word.filter((text) => text !== '' && splitPlainWords(quote(text)) !== undefined);
  fc.assert(
    fc.property(program, fc.array(word, { maxLength: 6 }), (name, args) => {
      expect(splitPlainWords([name, ...args].map(quote).join(' '))).toEqual([name, ...args]);
    }),
  );
});

/** Pieces of which quotes, operators and blanks come often enough to make lines of every kind. */
const pieces = ['aZ_09=+-.:,@%^/', `''""`, '    \t\n', '~*?#!&|;<>()$`\\{}[]', 'é日🙂\u00a0'].flatMap(
  (group) => Array.from(group),
);
const wildLine = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 10 })
  .map((parts) => parts.join(''));

/** Evaluates each line in one bash and tells which words came of it. */
async function evaluate(script: string, lines: readonly string[]): Promise<string[][]> {
  // Empty, so that no glob finds a file.
  await using directory = await mkdtempDisposable(join(tmpdir(), 'words-'));
  const input = lines.map((line) => `${line}\0`).join('');
  const { stdout, status } = spawnSync('bash', ['-c', `PATH=/nowhere; ${script}`], {
    input,
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] },
    cwd: directory.path,
  });
  expect(status).toBe(0);
  const evaluated: string[][] = [[]];
  for (const text of stdout.split('\0').slice(0, -1)) {
    if (text === '\u0001') evaluated.push([]);
    else evaluated.at(-1)?.push(text);
  }
  return evaluated.slice(0, -1);
}

/** Lines that are taken for plain words, with the words. */
function acceptedLines(count: number, seed: number): { line: string; argv: string[] }[] {
  const accepted = new Map<string, string[]>();
  for (const line of fc.sample(wildLine, { numRuns: count * 40, seed })) {
    const argv = splitPlainWords(line);
    if (argv !== undefined) accepted.set(line, argv);
    if (accepted.size === count) break;
  }
  return [...accepted].map(([line, argv]) => ({ line, argv }));
}

test('bash makes the same words of every line that is accepted', async () => {
  const accepted = acceptedLines(300, 7);
  expect(accepted.length).toBeGreaterThan(150);
  const script = `while IFS= read -r -d '' line; do eval "printf '%s\\0' x $line"; printf '\\1\\0'; done`;
  const words = await evaluate(
    script,
    accepted.map(({ line }) => line),
  );
  expect(words).toEqual(accepted.map(({ argv }) => ['x', ...argv]));
});

test('bash runs the same command with the same arguments for every line that is accepted', async () => {
  // What bash would run itself, or look up as a path, is no question of how the line is split.
  const accepted = acceptedLines(250, 11).filter(
    ({ argv: [name = ''] }) => !name.includes('/') && !['.', ':'].includes(name),
  );
  expect(accepted.length).toBeGreaterThan(100);
  const script = `
    command_not_found_handle() { printf '%s\\0' "$@"; }
    while IFS= read -r -d '' line; do eval -- "$line" 2>&1; printf '\\1\\0'; done`;
  const commands = await evaluate(
    script,
    accepted.map(({ line }) => line),
  );
  expect(commands).toEqual(accepted.map(({ argv }) => argv));
});

const looking = 'ls cat head tail wc stat file du df pwd tree which realpath basename dirname readlink';
const machine = 'date uname hostname id whoami nproc ps uptime';
const text = 'grep rg find fd sort uniq cut tr diff cmp comm jq sed awk sha256sum';
const smallThings = 'echo printf seq sleep true false yes mkdir touch cp mv tee tar gzip gunzip';
const building = 'git make cmake ninja gcc g++ clang cargo rustc go javac java mvn gradle';
const javascript = 'node npm npx pnpm yarn bun deno tsc vitest jest eslint prettier';
const otherLanguages = 'python python3 pip pip3 pytest uv uvx ruff mypy ruby bundle perl php';

/**
 * Commands that may run with no configuration at all.
 *
 * A convenience, not a sandbox: most of them can run or write anything (`find -exec`, `git -c`, any
 * interpreter). Shells are left out, because a shell line is a capability of its own.
 */
export const everydayCommands: readonly string[] = [
  looking,
  machine,
  text,
  smallThings,
  building,
  javascript,
  otherLanguages,
].flatMap((group) => group.split(' '));

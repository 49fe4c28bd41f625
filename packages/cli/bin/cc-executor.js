#!/usr/bin/env node
// Runs on every Node since 18: where that is too old, it looks for a newer one and hands over to it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(import.meta.url);
const main = new URL('../dist/main.js', import.meta.url);

if (!existsSync(main)) {
  fail(
    'This checkout of cc-executor has not been built.',
    'In its folder, run: npx -y pnpm@12 install && npx -y pnpm@12 build',
  );
} else if (isNewEnough(process.versions.node)) {
  // A static import would be a syntax error on older versions.
  await import(main.href);
} else {
  const node = findNode();
  if (node === undefined) {
    fail(
      `cc-executor needs Node 24.12 or newer; this is ${process.version}.`,
      'Install a newer Node, or put one beside cc-executor: npm install node@24',
    );
  } else {
    handOver(node);
  }
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 12);
}

/**
 * The Node of the `node` package, installed beside us or beside the link by which we were called. Not the
 * one of the current folder: that may be anybody's.
 */
function findNode() {
  for (const start of [here, process.argv[1] ?? here]) {
    try {
      const require = createRequire(pathToFileURL(start));
      const { version } = JSON.parse(readFileSync(require.resolve('node/package.json'), 'utf8'));
      if (isNewEnough(version)) return require.resolve('node/bin/node');
    } catch {
      // None from there.
    }
  }
  return undefined;
}

/** @param {string} node */
function handOver(node) {
  const child = spawn(node, [...process.execArgv, here, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C on a terminal reaches the child by itself; passed on, it would count twice.
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    if (signal !== 'SIGINT' || !hasTerminal) child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, passOn);
  child.on('error', (error) => fail(`cc-executor cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    // End as the child did, so that whoever waits for us sees the same.
    for (const name of signals) process.off(name, passOn);
    process.kill(process.pid, signal);
  });
}

/** @param {string[]} lines */
function fail(...lines) {
  console.error(lines.join('\n'));
  process.exitCode = 1;
}

import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fixtureSpec, isAlive, readLines, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openTestHost } from './test-host.ts';

const openHost = () => openTestHost({ instanceId: `test-${process.pid}` });

test.each([0, 1, 7, 255])('exit code %i is reported', async (code) => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('exits-with.sh', [String(code)]));
  expect(await tree.exited).toEqual({ code, signal: null });
});

test.each(['TERM', 'KILL', 'SEGV'])('a death by SIG%s is reported as a signal', async (name) => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('dies-by-signal.sh', [name]));
  expect(await tree.exited).toEqual({ code: null, signal: `SIG${name}` });
});

test('stdout and stderr are separate and raw', async () => {
  await using host = await openHost();
  const both = await host.spawn(fixtureSpec('prints-both-streams.sh'));
  expect(await Promise.all([text(both.stdout), text(both.stderr)])).toEqual(['on stdout\n', 'on stderr\n']);
  const invalid = await host.spawn(fixtureSpec('prints-invalid-utf8.mjs'));
  expect(Buffer.concat(await invalid.stdout.toArray())).toEqual(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xe2]));
});

test('output that nobody read before the exit is still there', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('prints-both-streams.sh'));
  await tree.exited;
  await tree.empty();
  expect(await text(tree.stdout)).toBe('on stdout\n');
});

test('a reader that has paused is not overrun when the leader ends', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('prints-both-streams.sh'));
  let bytes = 0;
  tree.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  tree.stdout.pause();
  await tree.exited;
  await tree.empty();
  expect(bytes).toBe(0);
  tree.stdout.resume();
  expect(await text(tree.stderr)).toBe('on stderr\n');
  expect(await tree.drained({ timeoutMs: Number.POSITIVE_INFINITY })).toBe(true);
  expect(bytes).toBe('on stdout\n'.length);
});

test('the environment is what was given and the markers, nothing else', async () => {
  await using host = await openHost();
  process.env['LEAKED_BY_TEST'] = 'yes';
  const spec = fixtureSpec('prints-environment.mjs');
  const tree = await host.spawn(spec);
  expect(JSON.parse(await text(tree.stdout))).toEqual({
    ...spec.env,
    CC_EXECUTOR_TREE_ID: spec.id,
    CC_EXECUTOR_INSTANCE_ID: `test-${process.pid}`,
  });
});

test('a spec cannot forge the markers', async () => {
  await using host = await openHost();
  const spec = fixtureSpec('prints-environment.mjs');
  const tree = await host.spawn({ ...spec, env: { ...spec.env, CC_EXECUTOR_TREE_ID: 'other' } });
  expect(JSON.parse(await text(tree.stdout))).toMatchObject({ CC_EXECUTOR_TREE_ID: spec.id });
});

test('arguments, own name and working directory arrive as given', async () => {
  await using host = await openHost();
  await using directory = await mkdtempDisposable(join(tmpdir(), 'host-'));
  const script = fixtureSpec('prints-arguments.mjs').file;
  const args = ['', 'two words', '$HOME', '*', 'ü'];
  const tree = await host.spawn({
    ...fixtureSpec('prints-arguments.mjs'),
    file: process.execPath,
    argv0: 'another-name',
    args: [script, ...args],
    cwd: directory.path,
  });
  expect(JSON.parse(await text(tree.stdout))).toEqual({ argv0: 'another-name', args, cwd: directory.path });
});

test('without a pipe stdin is empty', async () => {
  await using host = await openHost();
  const tree = await host.spawn(fixtureSpec('reads-stdin.mjs'));
  expect(tree.stdin).toBeNull();
  expect(await text(tree.stdout)).toBe('end after 0 bytes\n');
});

test('with a pipe stdin carries what is written', async () => {
  await using host = await openHost();
  const tree = await host.spawn({ ...fixtureSpec('reads-stdin.mjs'), stdin: 'pipe' });
  tree.stdin?.end('héllo\n');
  expect(await text(tree.stdout)).toBe('héllo\nend after 7 bytes\n');
});

test('writing to a program that has closed its stdin harms nobody', async () => {
  await using host = await openHost();
  const tree = await host.spawn({ ...fixtureSpec('closes-stdin.sh'), stdin: 'pipe' });
  expect(await readLines(tree.stdout).next()).toBe('ready');
  const error = await new Promise((resolve) => tree.stdin?.write('x', resolve));
  expect(error).toMatchObject({ code: 'EPIPE' });
});

test('a missing program is told from a missing working directory', async () => {
  await using host = await openHost();
  const spec = fixtureSpec('exits-with.sh');
  await expect(host.spawn({ ...spec, file: '/no/such/program' })).rejects.toMatchObject({
    code: 'programNotFound',
    details: { file: '/no/such/program', errno: 'ENOENT' },
  });
  await expect(host.spawn({ ...spec, cwd: '/no/such/directory' })).rejects.toMatchObject({
    code: 'cwdNotFound',
    details: { cwd: '/no/such/directory' },
  });
  await expect(host.spawn({ ...spec, cwd: spec.file })).rejects.toMatchObject({ code: 'cwdNotFound' });
});

test('a file that cannot be executed, and one whose interpreter is missing, are programNotExecutable', async () => {
  await using host = await openHost();
  await using directory = await mkdtempDisposable(join(tmpdir(), 'host-'));
  const file = join(directory.path, 'program');
  const spec = { ...fixtureSpec('exits-with.sh'), file };
  await writeFile(file, '#!/no/such/interpreter\n');
  await expect(host.spawn(spec)).rejects.toMatchObject({
    code: 'programNotExecutable',
    details: { file, errno: 'EACCES' },
  });
  await chmod(file, 0o755);
  await expect(host.spawn(spec)).rejects.toMatchObject({
    code: 'programNotExecutable',
    details: { file, errno: 'ENOENT' },
  });
});

test('arguments that are too long are argumentsTooLong', async () => {
  await using host = await openHost();
  const args = Array.from({ length: 40 }, () => 'x'.repeat(100_000));
  await expect(host.spawn(fixtureSpec('exits-with.sh', args))).rejects.toMatchObject({
    code: 'argumentsTooLong',
  });
});

test.each([
  { args: ['a\0b'] },
  { cwd: '/tmp\0' },
  { file: '/bin/true\0' },
  { id: 'a\0' },
  { argv0: '\0' },
  { env: { A: '\0' } },
  { env: { 'A=B': '' } },
  { env: { '': '' } },
  { id: '' },
  { cwd: '.' },
  { file: 'true' },
  { onDeath: { file: 'true', args: [], env: {} } },
  { onDeath: { file: '/bin/true', args: ['a\0b'], env: {} } },
  { onDeath: { file: '/bin/true', args: [], env: { A: '\0' } } },
  { limits: { openFiles: 31 } },
  { limits: { coreBytes: -1 } },
  { limits: { cpuSeconds: 0.5 } },
  { limits: { dataBytes: Number.NaN } },
])('%j is a badArgument', async (change) => {
  await using host = await openHost();
  await expect(host.spawn({ ...fixtureSpec('exits-with.sh'), ...change })).rejects.toMatchObject({
    name: 'ProcessError',
    code: 'badArgument',
  });
});

test('an id is refused as long as a tree bears it', async () => {
  await using host = await openHost();
  const spec = fixtureSpec('prints-nothing.sh');
  const tree = await host.spawn(spec);
  await expect(host.spawn(spec)).rejects.toMatchObject({ code: 'badArgument' });
  expect(await tree.members()).toMatchObject([{ pid: tree.pid }]);
  await tree.stop({ graceMs: 0 });
  await host.spawn(spec);
});

test('disposing a host kills all its trees and starts no more', async () => {
  const host = await openHost();
  const one = await host.spawn(fixtureSpec('ignores-sigterm.sh'));
  const other = await host.spawn(fixtureSpec('spawns-grandchild.sh'));
  const grandchild = await readLines(other.stdout).nextNumber();
  await Promise.all([host[Symbol.asyncDispose](), host[Symbol.asyncDispose]()]);
  expect([one.pid, other.pid, grandchild].filter((pid) => isAlive(pid))).toEqual([]);
  await expect(host.spawn(fixtureSpec('exits-with.sh'))).rejects.toMatchObject({ code: 'hostClosed' });
});

test('disposing a host ends what a finished leader has left', async () => {
  const host = await openHost();
  const tree = await host.spawn(fixtureSpec('daemonises.mjs'));
  const daemon = await readLines(tree.stdout).nextNumber();
  await tree.exited;
  expect(isAlive(daemon)).toBe(true);
  await host[Symbol.asyncDispose]();
  await untilDead(daemon);
});

test.each(['journal', '', '/tmp/\0'])('the journal %j is refused', async (journalPath) => {
  await expect(openTestHost({ journalPath })).rejects.toMatchObject({ code: 'badArgument' });
});

test.each(['', 'a\0b'])('the instance id %j is refused', async (instanceId) => {
  await expect(openTestHost({ instanceId })).rejects.toMatchObject({ code: 'badArgument' });
});

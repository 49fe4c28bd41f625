import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, untilDead } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { openProcessTable } from '../process-table-source.ts';
import { readBootId } from './boot-id.ts';
import { Journal } from './journal.ts';
import { replayJournals } from './replay.ts';

async function sleeper(env: Record<string, string> = {}): Promise<{ pid: number; startTime: number }> {
  const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore', env });
  await once(child, 'spawn');
  const found = await openProcessTable('any', 'foreign').identify(child.pid ?? 0);
  if (found === undefined) throw new Error('the sleeper is gone');
  return { pid: found.pid, startTime: found.startTime };
}

const header = (bootId: string) => ({ version: 1, instanceId: 'dead', bootId }) as const;

test('what a journal names is ended, and what bears the marks of its instance; then it is forgotten', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'replay-'));
  const named = await sleeper();
  const marked = await sleeper({ CC_EXECUTOR_INSTANCE_ID: 'dead', CC_EXECUTOR_TREE_ID: 'on its way' });
  const other = await sleeper({ CC_EXECUTOR_INSTANCE_ID: 'alive', CC_EXECUTOR_TREE_ID: 'tree' });
  new Journal(join(folder.path, 'one'), header(readBootId())).add({ ...named, id: 'a', isNamespace: false });
  expect(await replayJournals(folder.path)).toBe(1);
  await Promise.all([untilDead(named.pid), untilDead(marked.pid)]);
  expect(isAlive(other.pid)).toBe(true);
  process.kill(other.pid, 'SIGKILL');
  expect(await readdir(folder.path)).toEqual([]);
});

test('a reused pid, and pids from before the machine was started, harm nobody', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'replay-'));
  const stranger = await sleeper();
  const reused = { pid: stranger.pid, startTime: stranger.startTime - 1, id: 'a', isNamespace: true };
  new Journal(join(folder.path, 'reused'), header(readBootId())).add(reused);
  new Journal(join(folder.path, 'old'), header('another boot')).add({
    ...stranger,
    id: 'b',
    isNamespace: true,
  });
  expect(await replayJournals(folder.path)).toBe(1);
  expect(isAlive(stranger.pid)).toBe(true);
  process.kill(stranger.pid, 'SIGKILL');
  expect(await readdir(folder.path)).toEqual([]);
});

test('what is no journal does not stop anybody', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'replay-'));
  await writeFile(join(folder.path, 'torn'), '{"vers');
  mkdirSync(join(folder.path, 'folder'));
  expect(await replayJournals(folder.path)).toBe(0);
  expect(await readdir(folder.path)).toEqual(['folder']);
});

import { readdir, readFile } from 'node:fs/promises';
import { isAlive } from '@cc-executor/testkit';

/**
 * The pids of what an executor has around its programs: its guardian, which has the instance among its arguments, and
 * its gates, also those that wait for a program, which have it in their environment. They must not outlive it either.
 *
 * @param folder The folder for heartbeats: who has it among its arguments is no gate but a program.
 */
export async function findKeepers(instanceId: string, folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = pids.map(async (pid) => {
    const [args, environment] = await Promise.all([readList(pid, 'cmdline'), readList(pid, 'environ')]);
    const isGuardian = args.includes(instanceId);
    const isGate = environment.includes(`CC_EXECUTOR_INSTANCE_ID=${instanceId}`) && !args.includes(folder);
    // One that has ended meanwhile may have shown one list and not the other.
    return (isGuardian || isGate) && isAlive(pid) ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}

async function readList(pid: number, name: 'cmdline' | 'environ'): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
  return text.split('\0');
}

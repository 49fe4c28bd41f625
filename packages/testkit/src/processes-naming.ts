import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isAlive } from './live-process.ts';

/** The pids of all live processes, but for this one, that have exactly this text among their arguments. */
export async function processesNaming(argument: string): Promise<number[]> {
  const pids = process.platform === 'linux' ? await findInProc(argument) : await findWithPs(argument);
  return pids.filter((pid) => pid > 1 && pid !== process.pid && isAlive(pid));
}

async function findInProc(argument: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    return text.split('\0').includes(argument) ? [Number(pid)] : [];
  });
  return (await Promise.all(found)).flat();
}

async function findWithPs(argument: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axwwo', 'pid=,command=']);
  const lines = stdout.split('\n').filter((line) => line.split(' ').includes(argument));
  return lines.map((line) => Number.parseInt(line, 10));
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessEntry } from './process-entry.ts';
import { shareReadings, type ProcessTable, type ProcessTableSource } from './process-table.ts';
import { instanceIdVariable, treeIdVariable } from './tree-marker.ts';

const run = promisify(execFile);
// A fixed environment: the C locale gives dates that can be read, and the PATH of a job has no say here.
const options = { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, maxBuffer: 64 * 1024 * 1024 };
const tableColumns = 'pid=,ppid=,pgid=,sess=,stat=,lstart=';

/**
 * The process table from `ps`, for systems without `/proc` (macOS). Not tested on such a system.
 *
 * Start times have a resolution of one second, and between a scan and a signal nothing is checked again.
 *
 * @param instanceId Only markers of this instance count.
 */
export function openPsProcessTable(instanceId: string): ProcessTableSource {
  async function read(): Promise<ProcessTable> {
    const [table, environments] = await Promise.all([
      run('ps', ['-axo', tableColumns], options),
      run('ps', ['-axwwE', '-o', 'pid=,command='], options),
    ]);
    const markers = parsePsMarkers(environments.stdout, instanceId);
    // Two listings of different moments never prove an absence.
    return { entries: parsePsTable(table.stdout, markers), isConclusive: false };
  }

  const scan = shareReadings(read);
  return {
    scan,
    identify: async (pid) => (await scan()).entries.find((entry) => entry.pid === pid),
    isCurrent: () => true,
  };
}

/** Reads the output of `ps -axo pid=,ppid=,pgid=,sess=,stat=,lstart=`. Lines it cannot read are left out. */
export function parsePsTable(
  text: string,
  markers: ReadonlyMap<number, string> = new Map(),
): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const line of text.split('\n')) {
    const [pid, parentPid, groupId, session, state, ...startedAt] = line.trim().split(/\s+/);
    const startTime = Date.parse(startedAt.join(' '));
    if (state === undefined || Number.isNaN(startTime)) continue;
    entries.push({
      pid: Number(pid),
      startTime,
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      // macOS prints an address instead of a session's number.
      sessionId: session !== undefined && /^\d+$/.test(session) ? Number(session) : 0,
      isDead: state.startsWith('Z'),
      isStopped: state.startsWith('T') || state.startsWith('t'),
      isUninterruptible: state.startsWith('D') || state.startsWith('U'),
      treeId: markers.get(Number(pid)),
    });
  }
  return entries;
}

/** Reads the output of `ps -axwwE -o pid=,command=`, where the environment follows the command: tree ids by pid. */
export function parsePsMarkers(text: string, instanceId: string): ReadonlyMap<number, string> {
  const markers = new Map<number, string>();
  for (const line of text.split('\n')) {
    if (!` ${line} `.includes(` ${instanceIdVariable}=${instanceId} `)) continue;
    const treeId = new RegExp(` ${treeIdVariable}=(\\S+)`).exec(line)?.[1];
    if (treeId !== undefined) markers.set(Number.parseInt(line, 10), treeId);
  }
  return markers;
}

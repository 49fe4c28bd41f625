import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from './errno.ts';
import { parseLinuxStat, type LinuxStat } from './linux-stat.ts';
import { identityKey, type ProcessEntry } from './process-entry.ts';
import { shareReadings, type ProcessTable, type ProcessTableSource } from './process-table.ts';
import { treeIdIn } from './tree-marker.ts';

type MarkerReading = { readonly treeId: string | undefined } | 'unknown' | 'forbidden';

/**
 * The process table from `/proc`. Reading is synchronous: a hundred processes take about a millisecond, and
 * the thread pool would take several times that.
 *
 * @param instanceId Only markers of this instance count.
 */
export function openLinuxProcessTable(instanceId: string): ProcessTableSource {
  // Nothing older than this process can have been started by it, so those environments are not read.
  const oldestStartTime = readStat(process.pid)?.startTime ?? 0;
  // An environment is fixed when a program starts and inherited by fork, so one reading per process is enough.
  let knownMarkers = new Map<string, string | undefined>();

  function read(): Promise<ProcessTable> {
    const entries: ProcessEntry[] = [];
    const markers = new Map<string, string | undefined>();
    let isConclusive = true;
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const stat = readStat(pid);
      if (stat === undefined) {
        isConclusive = false;
        continue;
      }
      let treeId: string | undefined;
      if (!stat.isDead && stat.groupId !== 0 && pid !== process.pid && stat.startTime >= oldestStartTime) {
        const key = identityKey(stat);
        const reading = knownMarkers.has(key)
          ? { treeId: knownMarkers.get(key) }
          : readMarker(pid, instanceId);
        if (reading === 'unknown') isConclusive = false;
        else if (reading !== 'forbidden') {
          treeId = reading.treeId;
          markers.set(key, treeId);
        }
      }
      entries.push({ ...stat, treeId });
    }
    knownMarkers = markers;
    return Promise.resolve({ entries, isConclusive });
  }

  return {
    scan: shareReadings(read),
    identify: (pid) => Promise.resolve(readStat(pid)),
    isCurrent(identity) {
      const stat = readStat(identity.pid);
      return stat !== undefined && !stat.isDead && stat.startTime === identity.startTime;
    },
  };
}

function readStat(pid: number): LinuxStat | undefined {
  const text = readProcFile(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseLinuxStat(text);
}

function readMarker(pid: number, instanceId: string): MarkerReading {
  let text: string | undefined;
  try {
    text = readProcFile(`/proc/${pid}/environ`);
  } catch (error) {
    // Another user's process, or one that changed its privileges.
    if (errnoOf(error) === 'EACCES' || errnoOf(error) === 'EPERM') return 'forbidden';
    throw error;
  }
  // Empty also while a program is just being started, so it says nothing for good.
  if (text === undefined || text === '') return 'unknown';
  return { treeId: treeIdIn(text, instanceId) };
}

/** The file's text, or undefined when the process is gone. Other failures must not look like an absent process. */
function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from './errno.ts';
import { parseLinuxStat, type LinuxStat } from './linux-stat.ts';
import { identityKey, type ProcessEntry } from './process-entry.ts';
import { shareReadings, type ProcessTable, type ProcessTableSource } from './process-table.ts';
import { treeIdIn } from './tree-marker.ts';

// A program that forks faster than pids can be listed is not worth more rounds.
const mostListings = 5;

type MarkerReading = { readonly treeId: string | undefined } | 'unsettled' | 'forbidden';

/**
 * The process table from `/proc`. Reading is synchronous: a hundred processes take one or two milliseconds, and
 * the thread pool would take several times that.
 *
 * A process that ends while the table is read may have forked before, after the pids were listed. So whenever one
 * is found gone or newly dead, the pids are listed again and new ones are read too, until a listing holds nothing
 * of the kind.
 *
 * @param instanceId Only markers of this instance count.
 * @param origin Whose trees they are. What is older than this process cannot be its own, and those environments
 * are not read; somebody else's trees may be of any age.
 */
export function openLinuxProcessTable(
  instanceId: string,
  origin: 'own' | 'foreign' = 'own',
): ProcessTableSource {
  const oldestStartTime = origin === 'own' ? (readStat(process.pid)?.startTime ?? 0) : 0;
  let last = new Observations();

  function read(): Promise<ProcessTable> {
    const now = new Observations();
    const entries: ProcessEntry[] = [];
    const seenPids = new Set<number>();
    let isConclusive = false;
    for (let listing = 0; listing < mostListings && !isConclusive; listing += 1) {
      isConclusive = true;
      for (const pid of listPids()) {
        if (seenPids.has(pid)) continue;
        seenPids.add(pid);
        const entry = readEntry(pid, now);
        if (entry === undefined || now.isNews(identityKey(entry), last)) isConclusive = false;
        if (entry !== undefined) entries.push(entry);
      }
    }
    last = now;
    return Promise.resolve({ entries, isConclusive });
  }

  function readEntry(pid: number, now: Observations): ProcessEntry | undefined {
    const stat = readStat(pid);
    if (stat === undefined) return undefined;
    const key = identityKey(stat);
    if (stat.isDead) now.unsettled.add(key);
    // Threads of the kernel have no group; neither they nor what is older than we are can be marked.
    const canBeMarked = !stat.isDead && stat.groupId !== 0 && stat.startTime >= oldestStartTime;
    if (!canBeMarked || pid === process.pid) return { ...stat, treeId: undefined };

    const known = last.treeIds.get(key);
    const reading = known === undefined ? readMarker(pid, instanceId) : { treeId: known.treeId };
    if (reading === 'unsettled') now.unsettled.add(key);
    else if (reading !== 'forbidden') now.treeIds.set(key, reading);
    return { ...stat, treeId: typeof reading === 'object' ? reading.treeId : undefined };
  }

  return {
    scan: shareReadings(read),
    // An async function runs at once up to its first `await`, so the reading happens before the call returns.
    identify: async (pid) => readStat(pid),
    isCurrent(identity) {
      const stat = readStat(identity.pid);
      return stat !== undefined && !stat.isDead && stat.startTime === identity.startTime;
    },
  };
}

/** What one reading leaves to the next. */
class Observations {
  /** An environment is inherited by fork and nobody gains a mark later, so it is read once per process. */
  readonly treeIds = new Map<string, { readonly treeId: string | undefined }>();
  /** The dead, and those that showed an empty environment, as also a program does while it is being started. */
  readonly unsettled = new Set<string>();

  /** Whether a process has become unsettled since the last reading. One that stays so says nothing new. */
  isNews(key: string, last: Observations): boolean {
    return this.unsettled.has(key) && !last.unsettled.has(key);
  }
}

function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid));
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
  if (text === undefined || text === '') return 'unsettled';
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

import { identityKey, type ProcessEntry } from '../process-entry.ts';

/** What is known about a tree before a table is searched for its members. */
export interface TreeTraces {
  readonly treeId: string;
  /** Identity keys of processes seen as members before. */
  readonly knownKeys: ReadonlySet<string>;
  /** The group and session the leader made, while that number cannot have gone to somebody else. */
  readonly leaderGroupId: number | undefined;
  /** The process that owns the tree. It, its group and its session are never part of one. */
  readonly ownerPid: number;
}

/**
 * All entries that belong to a tree, dead ones included: those known or marked, and from there whatever shares
 * a parent, group or session with a member, to a fixed point. Each link alone misses somebody: an orphan has
 * lost its parent, a shell with job control makes groups, `setsid` makes sessions, `env -i` wipes the marker.
 */
export function findMembers(entries: readonly ProcessEntry[], traces: TreeTraces): ProcessEntry[] {
  const owner = entries.find((entry) => entry.pid === traces.ownerPid);
  const eligible = entries.filter((entry) => entry.pid > 1 && entry.pid !== traces.ownerPid);
  const children = indexBy(eligible, (entry) => entry.parentPid);
  const groups = indexBy(eligible, (entry) => entry.groupId);
  const sessions = indexBy(eligible, (entry) => entry.sessionId);
  // Number 0 is no group but the absence of one; the owner's are shared with processes that are no one's members.
  for (const index of [groups, sessions]) index.delete(0);
  if (owner !== undefined) {
    groups.delete(owner.groupId);
    sessions.delete(owner.sessionId);
  }

  const members = new Set<ProcessEntry>(
    eligible.filter((entry) => entry.treeId === traces.treeId || traces.knownKeys.has(identityKey(entry))),
  );
  if (traces.leaderGroupId !== undefined) {
    for (const entry of groups.get(traces.leaderGroupId) ?? []) members.add(entry);
    for (const entry of sessions.get(traces.leaderGroupId) ?? []) members.add(entry);
  }
  // A set is iterated in the order of insertion, entries added on the way included.
  for (const member of members) {
    for (const child of children.get(member.pid) ?? []) {
      // Older than its parent: the table was read while the parent's pid changed hands.
      if (child.startTime >= member.startTime) members.add(child);
    }
    for (const entry of groups.get(member.groupId) ?? []) members.add(entry);
    for (const entry of sessions.get(member.sessionId) ?? []) members.add(entry);
  }
  return [...members];
}

function indexBy(
  entries: readonly ProcessEntry[],
  keyOf: (entry: ProcessEntry) => number,
): Map<number, ProcessEntry[]> {
  const index = new Map<number, ProcessEntry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const list = index.get(key);
    if (list === undefined) index.set(key, [entry]);
    else list.push(entry);
  }
  return index;
}

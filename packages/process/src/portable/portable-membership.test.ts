import { expect, test } from 'vitest';
import { PortableMembership } from './portable-membership.ts';
import type { ProcessEntry } from '../process-entry.ts';
import type { ProcessTable, ProcessTableSource } from '../process-table.ts';
import { sendSignal } from '../send-signal.ts';

const leader = { pid: 4001, startTime: 10 };

function entry(fields: Partial<ProcessEntry> & { pid: number }): ProcessEntry {
  return {
    startTime: 20,
    parentPid: 1,
    groupId: fields.pid,
    sessionId: fields.pid,
    isDead: false,
    isStopped: false,
    isUninterruptible: false,
    treeId: undefined,
    ...fields,
  };
}

/** A membership that is shown one table after the other, the last one again and again. */
function membershipSeeing(...tables: (ProcessEntry[] | ProcessTable)[]): PortableMembership {
  const queue = tables.map((table) =>
    Array.isArray(table) ? { entries: table, isConclusive: true } : table,
  );
  const source: ProcessTableSource = {
    scan: async () => {
      const [first = { entries: [], isConclusive: true }] = queue;
      if (queue.length > 1) queue.shift();
      return { ...first };
    },
    identify: async () => leader,
    isCurrent: () => true,
  };
  return new PortableMembership({ source, treeId: 'mine', leader });
}

test('a stranger that got the pid of the leader is no member, nor is its group', async () => {
  const membership = membershipSeeing([
    entry({ pid: leader.pid, startTime: 99 }),
    entry({ pid: 4002, groupId: leader.pid, sessionId: leader.pid }),
  ]);
  membership.noteLeaderExit();
  expect(await membership.sweep()).toEqual({ live: [], isVacant: true });
});

test('a stranger that got the pid of a remembered member is no member', async () => {
  const daemon = entry({ pid: 4005, treeId: 'mine' });
  const membership = membershipSeeing([daemon], [entry({ pid: 4005, startTime: 99 })]);
  membership.noteLeaderExit();
  expect((await membership.sweep()).live).toEqual([daemon]);
  expect((await membership.sweep()).live).toEqual([]);
});

test('a group that had ended is not taken up again when its number comes back', async () => {
  const daemon = entry({ pid: 4005, treeId: 'mine' });
  const membership = membershipSeeing([daemon], [daemon, entry({ pid: 4002, groupId: leader.pid })]);
  membership.noteLeaderExit();
  expect((await membership.sweep()).live).toEqual([daemon]);
  expect((await membership.sweep()).live).toEqual([daemon]);
});

test('dead members are not live', async () => {
  const membership = membershipSeeing([entry({ ...leader, isDead: true })]);
  expect(await membership.sweep()).toEqual({ live: [], isVacant: false });
});

test('before the exit of the leader is known no tree is vacant', async () => {
  const membership = membershipSeeing([]);
  await membership.sweep();
  expect(await membership.sweep()).toEqual({ live: [], isVacant: false });
});

test('an inconclusive empty table does not make a tree vacant, a conclusive one does', async () => {
  const membership = membershipSeeing({ entries: [], isConclusive: false }, []);
  membership.noteLeaderExit();
  expect((await membership.sweep()).isVacant).toBe(false);
  expect((await membership.sweep()).isVacant).toBe(true);
  await membership.vacated;
});

test('in a lasting bustle five empty tables in a row are believed', async () => {
  const membership = membershipSeeing({ entries: [], isConclusive: false });
  membership.noteLeaderExit();
  const vacancies = [];
  for (let round = 0; round < 5; round += 1) vacancies.push((await membership.sweep()).isVacant);
  expect(vacancies).toEqual([false, false, false, false, true]);
});

test('a tree whose last member is dead and never collected is vacant', async () => {
  const membership = membershipSeeing([entry({ pid: 4005, treeId: 'mine', isDead: true })]);
  membership.noteLeaderExit();
  expect(await membership.sweep()).toEqual({ live: [], isVacant: true });
});

test('when two empty tables are required a live member between them starts the count again', async () => {
  const survivor = entry({ pid: 4005, treeId: 'mine' });
  const membership = membershipSeeing([], [survivor], [], []);
  membership.noteLeaderExit();
  membership.requireTwoEmptyTables();
  const vacancies = [];
  for (let round = 0; round < 4; round += 1) vacancies.push((await membership.sweep()).isVacant);
  expect(vacancies).toEqual([false, false, false, true]);
});

test('members come oldest first', async () => {
  const young = entry({ pid: 4003, startTime: 30, treeId: 'mine' });
  const old = entry({ pid: 4009, startTime: 15, treeId: 'mine' });
  expect((await membershipSeeing([young, old]).sweep()).live).toEqual([old, young]);
});

test('no signal goes to ourselves, to pids below 2, or to one whose identity has changed', () => {
  const asked: number[] = [];
  const source: ProcessTableSource = {
    scan: () => Promise.reject(new Error('not needed')),
    identify: () => Promise.resolve(undefined),
    isCurrent: ({ pid }) => {
      asked.push(pid);
      return false;
    },
  };
  const pids = [-1, 0, 1, process.pid, process.ppid];
  // Signals that would be felt: nobody may get one.
  sendSignal(
    source,
    pids.map((pid) => ({ pid, startTime: 0 })),
    'SIGKILL',
  );
  expect(asked).toEqual([process.ppid]);
});

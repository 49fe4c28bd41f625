import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMembers, type TreeTraces } from './closure.ts';
import { identityKey, type ProcessEntry } from '../process-entry.ts';

const owner = entry({ pid: 100, groupId: 100, sessionId: 100 });

function entry(fields: Partial<ProcessEntry> & { pid: number }): ProcessEntry {
  return {
    startTime: fields.pid,
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

function search(entries: ProcessEntry[], traces: Partial<TreeTraces> = {}): number[] {
  const found = findMembers([owner, ...entries], {
    treeId: 'mine',
    knownKeys: new Set(),
    leaderGroupId: undefined,
    ownerPid: owner.pid,
    ...traces,
  });
  return found.map(({ pid }) => pid).sort((one, other) => one - other);
}

test('children of members are members, over all generations', () => {
  const entries = [
    entry({ pid: 203, parentPid: 202 }),
    entry({ pid: 202, parentPid: 201 }),
    entry({ pid: 201, treeId: 'mine' }),
    entry({ pid: 300 }),
  ];
  expect(search(entries)).toEqual([201, 202, 203]);
});

test('who shares a group or a session with a member is one', () => {
  const entries = [
    entry({ pid: 201, groupId: 201, sessionId: 200, treeId: 'mine' }),
    entry({ pid: 202, groupId: 201, sessionId: 999 }),
    entry({ pid: 203, groupId: 203, sessionId: 200 }),
  ];
  expect(search(entries)).toEqual([201, 202, 203]);
});

test('a daemon that wiped its environment is found when it was known before', () => {
  const daemon = entry({ pid: 201 });
  expect(search([daemon])).toEqual([]);
  expect(search([daemon], { knownKeys: new Set([identityKey(daemon)]) })).toEqual([201]);
});

test('a known pid with another start time is a stranger', () => {
  const member = entry({ pid: 201, startTime: 5 });
  const stranger = entry({ pid: 201, startTime: 6 });
  expect(search([stranger], { knownKeys: new Set([identityKey(member)]) })).toEqual([]);
});

test('the group of a leader that is gone leads to its children', () => {
  const orphan = entry({ pid: 202, groupId: 201, sessionId: 201 });
  expect(search([orphan], { leaderGroupId: 201 })).toEqual([202]);
});

test('a dead member still leads to its group', () => {
  const entries = [
    entry({ pid: 201, treeId: 'mine', isDead: true }),
    entry({ pid: 202, groupId: 201, sessionId: 201 }),
  ];
  expect(search(entries)).toEqual([201, 202]);
});

test('the mark of another tree makes no member', () => {
  expect(search([entry({ pid: 201, treeId: 'other' })])).toEqual([]);
});

test('the owner, its group and its session stay outside even when a member has joined them', () => {
  const entries = [
    entry({ pid: 201, groupId: 100, sessionId: 100, treeId: 'mine' }),
    entry({ pid: 202, groupId: 100, sessionId: 100 }),
  ];
  expect(search(entries)).toEqual([201]);
});

test('group and session 0 connect nobody', () => {
  const entries = [
    entry({ pid: 201, groupId: 0, sessionId: 0, treeId: 'mine' }),
    entry({ pid: 202, groupId: 0, sessionId: 0 }),
  ];
  expect(search(entries)).toEqual([201]);
});

test('a process older than its supposed parent is not its child', () => {
  const entries = [
    entry({ pid: 201, startTime: 50, treeId: 'mine' }),
    entry({ pid: 202, startTime: 40, parentPid: 201 }),
  ];
  expect(search(entries)).toEqual([201]);
});

const anyNumber = fc.integer({ min: 0, max: 12 });
const anyTable = fc.uniqueArray(
  fc.record({
    pid: anyNumber,
    startTime: anyNumber,
    parentPid: anyNumber,
    groupId: anyNumber,
    sessionId: anyNumber,
    isDead: fc.boolean(),
    isStopped: fc.boolean(),
    isUninterruptible: fc.boolean(),
    treeId: fc.constantFrom(undefined, undefined, 'mine', 'other'),
  }),
  { selector: ({ pid }) => pid, maxLength: 13 },
);
const anyTraces = fc.record({
  treeId: fc.constant('mine'),
  knownKeys: fc
    .array(fc.tuple(anyNumber, anyNumber))
    .map((pairs) => new Set(pairs.map((pair) => pair.join(':')))),
  leaderGroupId: fc.option(fc.integer({ min: 2, max: 12 }), { nil: undefined }),
  ownerPid: anyNumber,
});

/** The definition, word for word and slow: repeat until nobody is added. */
function define(entries: readonly ProcessEntry[], traces: TreeTraces): Set<ProcessEntry> {
  const owner = entries.find(({ pid }) => pid === traces.ownerPid);
  const members = new Set<ProcessEntry>();
  const isGroup = (id: number): boolean => id !== 0 && id !== owner?.groupId;
  const isSession = (id: number): boolean => id !== 0 && id !== owner?.sessionId;
  const belongs = (one: ProcessEntry): boolean =>
    one.treeId === traces.treeId ||
    traces.knownKeys.has(identityKey(one)) ||
    (isGroup(one.groupId) && one.groupId === traces.leaderGroupId) ||
    (isSession(one.sessionId) && one.sessionId === traces.leaderGroupId) ||
    [...members].some(
      (member) =>
        (one.parentPid === member.pid && one.startTime >= member.startTime) ||
        (isGroup(one.groupId) && one.groupId === member.groupId) ||
        (isSession(one.sessionId) && one.sessionId === member.sessionId),
    );
  for (let size = -1; size !== members.size;) {
    size = members.size;
    for (const one of entries) if (one.pid > 1 && one !== owner && belongs(one)) members.add(one);
  }
  return members;
}

test('on any table the result is what the definition says', () => {
  fc.assert(
    fc.property(anyTable, anyTraces, (entries, traces) => {
      expect(new Set(findMembers(entries, traces))).toEqual(define(entries, traces));
    }),
  );
});

test('on any table neither the owner nor pids 0 and 1 are members', () => {
  fc.assert(
    fc.property(anyTable, anyTraces, (entries, traces) => {
      for (const { pid } of findMembers(entries, traces)) {
        expect(pid).toBeGreaterThan(1);
        expect(pid).not.toBe(traces.ownerPid);
      }
    }),
  );
});

test('on any table the order of the entries does not matter, and knowing the members changes nothing', () => {
  fc.assert(
    fc.property(anyTable, anyTraces, (entries, traces) => {
      const members = findMembers(entries, traces);
      const knownKeys = new Set([...traces.knownKeys, ...members.map((member) => identityKey(member))]);
      expect(new Set(findMembers(entries.toReversed(), { ...traces, knownKeys }))).toEqual(new Set(members));
    }),
  );
});

import { expect, test } from 'vitest';
import { parsePsMarkers, parsePsTable } from './ps-process-table.ts';

test('a table is read, with the marks that belong to it', () => {
  const text = [
    '    1     0     1      0 Ss   Sat Nov 21 10:00:00 2026',
    '  501     1   501      0 T+   Sat Nov 21 10:00:05 2026',
    '  502   501   501 c0ffee ZN   Thu Nov  5 10:00:05 2026',
    'not a process',
    '',
  ].join('\n');
  const at = (date: string): number => Date.parse(date);
  expect(parsePsTable(text, new Map([[501, 'mine']]))).toEqual([
    {
      pid: 1,
      startTime: at('2026-11-21T10:00:00'),
      parentPid: 0,
      groupId: 1,
      sessionId: 0,
      isDead: false,
      isStopped: false,
      isUninterruptible: false,
      treeId: undefined,
    },
    {
      pid: 501,
      startTime: at('2026-11-21T10:00:05'),
      parentPid: 1,
      groupId: 501,
      sessionId: 0,
      isDead: false,
      isStopped: true,
      isUninterruptible: false,
      treeId: 'mine',
    },
    {
      pid: 502,
      startTime: at('2026-11-05T10:00:05'),
      parentPid: 501,
      groupId: 501,
      sessionId: 0,
      isDead: true,
      isStopped: false,
      isUninterruptible: false,
      treeId: undefined,
    },
  ]);
});

test('marks count only when they are of this instance', () => {
  const text = [
    '  501 sleep 1 HOME=/home/me CC_EXECUTOR_TREE_ID=one CC_EXECUTOR_INSTANCE_ID=here',
    '  502 sleep 1 CC_EXECUTOR_INSTANCE_ID=here CC_EXECUTOR_TREE_ID=two TERM=dumb',
    '  503 sleep 1 CC_EXECUTOR_INSTANCE_ID=here-not CC_EXECUTOR_TREE_ID=three',
    '  504 sleep 1',
  ].join('\n');
  expect(parsePsMarkers(text, 'here')).toEqual(
    new Map([
      [501, 'one'],
      [502, 'two'],
    ]),
  );
});

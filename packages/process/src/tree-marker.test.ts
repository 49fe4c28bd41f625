import { expect, test } from 'vitest';
import { treeIdIn } from './tree-marker.ts';

const block = (...entries: string[]): string => entries.map((entry) => `${entry}\0`).join('');

test('a tree of this instance is found wherever its marks stand', () => {
  expect(treeIdIn(block('CC_EXECUTOR_TREE_ID=t', 'A=b', 'CC_EXECUTOR_INSTANCE_ID=i'), 'i')).toBe('t');
  expect(treeIdIn(block('A=b', 'CC_EXECUTOR_INSTANCE_ID=i', 'CC_EXECUTOR_TREE_ID=t'), 'i')).toBe('t');
});

test.each([
  ['another instance', block('CC_EXECUTOR_TREE_ID=t', 'CC_EXECUTOR_INSTANCE_ID=ii')],
  ['no instance', block('CC_EXECUTOR_TREE_ID=t')],
  ['a name that only ends alike', block('MY_CC_EXECUTOR_TREE_ID=t', 'CC_EXECUTOR_INSTANCE_ID=i')],
  ['a value that looks alike', block('A=CC_EXECUTOR_TREE_ID=t', 'CC_EXECUTOR_INSTANCE_ID=i')],
  ['an empty environment', ''],
])('%s names no tree', (_, environment) => {
  expect(treeIdIn(environment, 'i')).toBeUndefined();
});

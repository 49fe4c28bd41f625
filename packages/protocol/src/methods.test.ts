import { expect, test } from 'vitest';
import { isMethodName, methods, type MethodInput, type MethodName } from './methods.ts';

/** The least that each method takes. */
const least: { readonly [M in MethodName]: MethodInput<M> } = {
  initialize: { protocolVersion: 1, client: { name: 'test', version: '1' } },
  'job/start': { kind: 'command', cwd: '/', argv: ['ls'] },
  'job/attach': { jobId: 'a' },
  'job/detach': { jobId: 'a' },
  'job/credit': { jobId: 'a', bytes: 1 },
  'job/read': { jobId: 'a' },
  'job/search': { jobId: 'a', text: 'b' },
  'job/write': { jobId: 'a', writeId: '1', data: '' },
  'job/closeStdin': { jobId: 'a' },
  'job/pause': { jobId: 'a' },
  'job/resume': { jobId: 'a' },
  'job/interrupt': { jobId: 'a' },
  'job/cancel': { jobId: 'a' },
  'job/wait': { jobIds: ['a'] },
  'job/get': { jobId: 'a' },
  'job/list': {},
  'executor/status': {},
  'executor/stop': {},
};
const names = Object.keys(methods) as MethodName[];
const accepts = (name: MethodName, params: unknown): boolean =>
  methods[name].params.safeParse(params).success;

test('methods are named noun/verb', () => {
  expect(names.filter((name) => !/^[a-z]+\/[a-z][A-Za-z]*$/.test(name))).toEqual(['initialize']);
});

test.each(names)('%s takes the least and refuses a field that it does not know', (name) => {
  expect(accepts(name, least[name])).toBe(true);
  expect(accepts(name, { ...least[name], jobID: 'a' })).toBe(false);
});

test.each(names)('%s takes an object only', (name) => {
  expect([[], 'a', 1, null, true].filter((params) => accepts(name, params))).toEqual([]);
});

test.each(names.filter((name) => Object.keys(least[name]).length > 0))(
  '%s needs each field of the least',
  (name) => {
    const fields = Object.keys(least[name]);
    const superfluous = fields.filter((field) => accepts(name, { ...least[name], [field]: undefined }));
    expect(superfluous).toEqual([]);
  },
);

test('what is left out has the documented defaults', () => {
  const defaults = Object.fromEntries(names.map((name) => [name, methods[name].params.parse(least[name])]));
  expect(defaults).toEqual({
    ...least,
    initialize: { ...least.initialize, capabilities: {} },
    'job/start': { ...least['job/start'], priority: 0, onDetach: 'cancel', stdin: 'none' },
    'job/attach': { jobId: 'a', afterSeq: 0, encoding: 'utf8', creditBytes: 1024 * 1024 },
    'job/read': { jobId: 'a', maxBytes: 256 * 1024, waitMs: 0, encoding: 'utf8' },
    'job/search': { ...least['job/search'], contextLines: 0, maxMatches: 50 },
    'job/write': { ...least['job/write'], encoding: 'utf8' },
    'job/cancel': { jobId: 'a', graceMs: 5_000 },
    'job/wait': { jobIds: ['a'], mode: 'all', waitMs: 60_000 },
    'job/list': { limit: 50 },
  });
});

test.each<[name: MethodName, params: object]>([
  ['job/attach', { afterSeq: -1 }],
  ['job/attach', { creditBytes: 64 * 1024 * 1024 + 1 }],
  ['job/attach', { creditBytes: 1.5 }],
  ['job/attach', { encoding: 'latin1' }],
  ['job/attach', { include: ['state'] }],
  ['job/credit', { bytes: 0 }],
  ['job/read', { maxBytes: 1024 * 1024 + 1 }],
  ['job/read', { waitMs: 110_001 }],
  ['job/read', { tailBytes: 0 }],
  ['job/read', { tailLines: 0 }],
  ['job/read', { maxLines: 0 }],
  ['job/read', { offset: -1 }],
  ['job/read', { stream: 'stdin' }],
  ['job/read', { afterSeq: 0, offset: 0 }],
  ['job/read', { offset: 0, tailLines: 1 }],
  ['job/read', { tailBytes: 1, tailLines: 1 }],
  ['job/search', { text: '' }],
  ['job/search', { text: 'two\nlines' }],
  ['job/search', { text: 'x'.repeat(1_001) }],
  ['job/search', { contextLines: 21 }],
  ['job/search', { maxMatches: 0 }],
  ['job/search', { maxMatches: 1_001 }],
  ['job/write', { writeId: '' }],
  ['job/cancel', { graceMs: -1 }],
  ['job/wait', { jobIds: [] }],
  ['job/wait', { mode: 'some' }],
  ['job/list', { limit: 501 }],
  ['job/list', { states: ['paused'] }],
])('%s refuses %j', (name, params) => {
  expect(accepts(name, { ...least[name], ...params })).toBe(false);
});

test.each(['a', 'Z9', 'j_0123456789ab', 'a-b_c', 'x'.repeat(64)])('%s is a job id', (jobId) => {
  expect(accepts('job/get', { jobId })).toBe(true);
});

test.each(['', '-a', '_a', 'a b', 'a/b', '../a', 'a.b', 'é', 'a\n', 'x'.repeat(65)])(
  '%j is no job id',
  (jobId) => {
    expect(accepts('job/get', { jobId })).toBe(false);
  },
);

test('only what is in the table is a method', () => {
  expect(names.filter((name) => !isMethodName(name))).toEqual([]);
  expect(['job/Start', 'toString', '__proto__', 'constructor', ''].filter(isMethodName)).toEqual([]);
});

test('a result may have more fields than an older client knows', () => {
  const parsed = methods['executor/stop'].result.safeParse({ liveJobs: 1, newInVersion9: true });
  expect(parsed).toMatchObject({ success: true, data: { liveJobs: 1 } });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorObject, errorTable, MendedBy, RpcError, type ErrorCode, type ErrorData } from './errors.ts';

/** Data for an error of each code: what is not here carries nothing. */
const examples: { [C in ErrorCode]?: ErrorData<C> } = {
  methodNotFound: { method: 'job/nothing' },
  invalidParams: { problems: [{ path: 'attach.creditBytes', message: 'too small' }] },
  overloaded: { what: 'live jobs', limit: 5, retryAfterMs: 1000 },
  unsupportedVersion: { supported: [1] },
  policyRefused: { rule: 'default deny', file: '/etc/policy.json', mend: 'add "x"' },
  programNotFound: { program: 'x' },
  cwdNotFound: { cwd: '/x' },
  claudeUnavailable: { looked: ['claude'] },
  limitsUnavailable: { reason: 'prlimit is missing' },
  diskFull: { path: '/state' },
  unknownJob: { jobId: 'a' },
  jobIdReused: { jobId: 'a' },
  stdinClosed: { jobId: 'a' },
  beyondEnd: { jobId: 'a', lastSeq: 3, outputBytes: 100 },
  tooMuchCredit: { jobId: 'a', creditBytes: 2, maxCreditBytes: 1 },
  alreadyAttached: { jobId: 'a' },
  notAttached: { jobId: 'a' },
};
const codes = Object.keys(errorTable) as ErrorCode[];

/** As the error arrives at the other end. */
const overTheWire = (error: RpcError): RpcError =>
  RpcError.fromObject(ErrorObject.parse(JSON.parse(JSON.stringify(error.toObject()))));

test('every error has a number of its own, in the range that JSON-RPC leaves for it', () => {
  const numbers = codes.map((code) => errorTable[code].number);
  expect(new Set(numbers).size).toBe(codes.length);
  expect(numbers.filter((number) => number < -32_768 || number > -32_000)).toEqual([]);
});

test.each([
  ['parseError', -32_700],
  ['invalidRequest', -32_600],
  ['methodNotFound', -32_601],
  ['invalidParams', -32_602],
  ['internalError', -32_603],
] as const)('%s has the number that JSON-RPC gives it', (code, number) => {
  expect(errorTable[code].number).toBe(number);
});

test.each(codes)('%s comes over the wire as it was', (code) => {
  const data = examples[code] ?? {};
  const error = new RpcError(code, `what happened: ${code}`, data);
  const { name, message, data: arrived, retry, code: arrivedCode } = overTheWire(error);
  expect({ name, message, arrived, retry, arrivedCode }).toEqual({
    name: 'RpcError',
    message: `what happened: ${code}`,
    arrived: data,
    retry: errorTable[code].retry,
    arrivedCode: code,
  });
});

test('any message and any place come over the wire as they were', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const problems = fc.array(fc.record({ path: text, message: text }), { maxLength: 3 });
  fc.assert(
    fc.property(text, problems, (message, problems) => {
      const arrived = overTheWire(new RpcError('invalidParams', message, { problems }));
      expect([arrived.message, arrived.data]).toEqual([message, { problems }]);
    }),
  );
});

test.each(codes)('the wire form of %s tells code, retry and who can mend it', (code) => {
  const object = new RpcError(code, 'x', examples[code] ?? {}).toObject();
  expect(object).toEqual({
    code: errorTable[code].number,
    message: 'x',
    data: { ...examples[code], code, retry: errorTable[code].retry, mendedBy: errorTable[code].mendedBy },
  });
  expect(MendedBy.options).toContain(object.data?.['mendedBy']);
});

test('only what may pass by itself is worth repeating as it is', () => {
  const later = codes.filter((code) => errorTable[code].retry === 'later');
  expect(later).toEqual(['overloaded', 'shuttingDown', 'diskFull']);
});

test('data cannot pass itself off as another code', () => {
  const data = { jobId: 'a', code: 'internalError', retry: 'later' };
  expect(overTheWire(new RpcError('unknownJob', 'x', data))).toMatchObject({
    code: 'unknownJob',
    retry: 'never',
  });
});

test.each<[what: string, error: ErrorObject]>([
  ['has no data', { code: -32_020, message: 'm' }],
  ['has a code that we do not know', { code: -32_020, message: 'm', data: { code: 'newInVersion9' } }],
  ['has the name of something else', { code: -32_020, message: 'm', data: { code: 'toString' } }],
  ['lacks what belongs to its code', { code: -32_020, message: 'm', data: { code: 'unknownJob' } }],
])('an error that %s is an internal one with its message', (_what, error) => {
  expect(RpcError.fromObject(error)).toMatchObject({ code: 'internalError', message: 'm', data: {} });
});

test('an error keeps its cause, and does not tell it', () => {
  const cause = new Error('/secret/path');
  const error = new RpcError('cwdNotFound', 'The folder is gone', { cwd: '/x' }, { cause });
  expect(error.cause).toBe(cause);
  expect(JSON.stringify(error.toObject())).not.toContain('secret');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOutputFrame } from './output-frame.ts';

const head =
  '{"jsonrpc":"2.0","method":"job/output","params":{"jobId":"j_1","type":"output","seq":5,"offset":0,"bytes":3,"stream":"stdout","encoding":"base64",';

/** What the general path makes of a frame. */
function paramsOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { params: unknown }).params;
  } catch {
    return undefined;
  }
}

test('a frame as the executor writes it is read', () => {
  const text = `${head}"data":"aGVy"}}`;
  expect(readOutputFrame(text)).toEqual({
    jobId: 'j_1',
    type: 'output',
    seq: 5,
    offset: 0,
    bytes: 3,
    stream: 'stdout',
    encoding: 'base64',
    data: 'aGVy',
  });
  expect(readOutputFrame(`${head}"data":""}}`)).toMatchObject({ data: '' });
});

test.each([
  ['data that is not the last', `${head}"data":"aGVy","more":"x"}}`],
  ['data of something else', `${head.replace('"seq":5', '"x":{"seq":5}')}"data":"aGVy"}}`],
  ['data beside the params', `${head.slice(0, -1)}},"x":{"encoding":"base64","data":"aGVy"}}`],
  ['an escape', `${head}"data":"aGVy\\u0041"}}`],
  ['a cut frame', `${head}"data":"aGVy"}`],
  ['text', `${head.replace('base64', 'utf8')}"data":"aGVy"}}`],
])('%s is left to the general path', (_, text) => {
  expect(readOutputFrame(text)).toBeUndefined();
});

test('whatever a frame looks like, it is read as JSON.parse reads it or not at all', () => {
  const piece = fc.constantFrom(
    '"encoding":"base64","data":"',
    '"data":"',
    '"}}',
    '"}',
    '},',
    '{',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\"',
    '"x":',
    '"params":{',
    '"__proto__":',
    'aGVy',
    '=',
    'ü\u2028',
    ' ',
    '1',
  );
  const frame = fc.record({
    hasHead: fc.boolean(),
    pieces: fc.array(piece, { maxLength: 6 }),
    hasData: fc.boolean(),
    more: fc.array(piece, { maxLength: 6 }),
    isEnded: fc.boolean(),
  });
  let read = 0;
  fc.assert(
    fc.property(frame, ({ hasHead, pieces, hasData, more, isEnded }) => {
      const start = hasHead ? head : head.slice(0, 47);
      const data = hasData ? '"encoding":"base64","data":"' : '';
      const text = start + pieces.join('') + data + more.join('') + (isEnded ? '"}}' : '');
      const params = readOutputFrame(text);
      if (params === undefined) return;
      read += 1;
      expect(params).toEqual(paramsOf(text));
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(100);
});

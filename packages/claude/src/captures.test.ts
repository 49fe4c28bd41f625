import { readFileSync } from 'node:fs';
import { ClaudeEvent, ClaudeResult, Outcome } from '@cc-executor/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify, type ClaudeExit } from './classify.ts';
import { ClaudeReader } from './reader.ts';

interface Capture {
  args: string;
  exit: ClaudeExit;
  outcome: Outcome;
  text: string;
}

const folder = new URL('../captures/', import.meta.url);
const captures = Object.entries(
  JSON.parse(readFileSync(new URL('captures.json', folder), 'utf8')) as Record<string, Capture>,
).map(([name, capture]) => ({ name, ...capture, bytes: readFileSync(new URL(`${name}.jsonl`, folder)) }));
type NamedCapture = (typeof captures)[number];

function read(capture: NamedCapture, chunks: readonly Uint8Array[] = [capture.bytes]) {
  const reader = new ClaudeReader({ expectsStructuredOutput: capture.args.includes('--json-schema') });
  const events = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  return { events, facts: reader.facts, isSettled: reader.isSettled };
}

function verdictOf(capture: NamedCapture, bytes: Uint8Array) {
  return classify(read(capture, [bytes]).facts, capture.exit, '');
}

/** Bytes before the end of the first result line, or all when there is none. */
function bytesBeforeResult({ bytes }: NamedCapture): number {
  const lines = bytes.toString().trimEnd().split('\n');
  const at = lines.findIndex((line) => (JSON.parse(line) as { type: string }).type === 'result');
  return at === -1 ? bytes.length : Buffer.byteLength(lines.slice(0, at + 1).join('\n')) - 1;
}

// By name, so that a counterexample can be read.
const anyCapture = fc
  .constantFrom(...captures)
  .map((capture) => ({ ...capture, [fc.toStringMethod]: () => capture.name }));

describe('a captured run', () => {
  test.for(captures)('has its outcome and answer: $name', (capture) => {
    const verdict = verdictOf(capture, capture.bytes);
    expect(verdict.outcome).toEqual(capture.outcome);
    expect(verdict.limit).toEqual(capture.outcome.status === 'limited' ? capture.outcome.limit : undefined);
    expect(verdict.result.text).toBe(capture.text);
  });

  test.for(captures)('speaks the vocabulary of the wire: $name', (capture) => {
    const { events, facts } = read(capture);
    expect(events.map((event) => ClaudeEvent.parse(event))).toEqual(events);
    expect(ClaudeResult.parse(facts.result)).toEqual(facts.result);
    expect(facts.garbageLines).toBe(0);
  });

  test.for(captures)('is settled unless it was cut off or work goes on: $name', (capture) => {
    const goesOn = ['sigterm', 'background-task'].includes(capture.name);
    expect(read(capture).isSettled).toBe(!goesOn);
  });
});

describe('whatever happens to the bytes', () => {
  test('chunks of any size give the same events and facts', () => {
    fc.assert(
      fc.property(
        anyCapture,
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
        (capture, sizes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < capture.bytes.length;) {
            const size = sizes[chunks.length % sizes.length] ?? 1;
            chunks.push(capture.bytes.subarray(at, at + size));
            at += size;
          }
          expect(read(capture, chunks)).toEqual(read(capture));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('single bytes give the same events and facts', () => {
    const capture = captures.find(({ name }) => name === 'prompt-too-long');
    if (capture === undefined) throw new Error('the capture is missing');
    const chunks = Array.from(capture.bytes, (byte) => Uint8Array.of(byte));
    expect(read(capture, chunks)).toEqual(read(capture));
  });

  test('a run that is cut off before its result has failed and met no limit', () => {
    fc.assert(
      fc.property(anyCapture, fc.double({ min: 0, max: 1, noNaN: true }), (capture, share) => {
        const cut = capture.bytes.subarray(0, Math.floor(bytesBeforeResult(capture) * share));
        const { outcome, limit } = verdictOf(capture, cut);
        expect([Outcome.parse(outcome).status, limit]).toEqual(['failed', undefined]);
      }),
    );
  });

  test('the order of keys means nothing', () => {
    fc.assert(
      fc.property(anyCapture, fc.infiniteStream(fc.nat()), (capture, order) => {
        const shuffle = (value: unknown): unknown => {
          if (typeof value !== 'object' || value === null) return value;
          if (Array.isArray(value)) return value.map(shuffle);
          const keyed = Object.entries(value).map((entry) => ({ entry, at: order.next().value }));
          keyed.sort((a, b) => a.at - b.at);
          return Object.fromEntries(keyed.map(({ entry: [key, part] }) => [key, shuffle(part)]));
        };
        const lines = capture.bytes.toString().trimEnd().split('\n');
        const text = lines.map((line) => JSON.stringify(shuffle(JSON.parse(line)))).join('\n');
        const { events, facts } = read(capture, [Buffer.from(text)]);
        // The summary of an unknown tool's input shows its fields in the order in which they come.
        const blank = JSON.stringify(events).replaceAll(/"summary":"(?:[^"\\]|\\.)*"/g, '');
        expect(blank).toBe(
          JSON.stringify(read(capture).events).replaceAll(/"summary":"(?:[^"\\]|\\.)*"/g, ''),
        );
        expect(facts).toEqual(read(capture).facts);
      }),
      { numRuns: 40 },
    );
  });

  test('garbage and unknown lines change neither outcome nor answer', () => {
    const noise = fc.oneof(
      fc.string().map((text) => text.replaceAll('\n', ' ')),
      fc.json().filter((json) => !json.includes('"type"')),
      fc
        .record({
          type: fc.constant('news'),
          error: fc.constant('rate_limit'),
          api_error_status: fc.constant(429),
        })
        .map((line) => JSON.stringify(line)),
      fc
        .record({ type: fc.constant('system'), subtype: fc.constant('news'), payload: fc.jsonValue() })
        .map((line) => JSON.stringify(line)),
    );
    fc.assert(
      fc.property(anyCapture, fc.array(fc.tuple(fc.nat(), noise), { maxLength: 10 }), (capture, extra) => {
        const lines = capture.bytes.toString().trimEnd().split('\n');
        for (const [at, line] of extra) lines.splice(at % (lines.length + 1), 0, line);
        const verdict = verdictOf(capture, Buffer.from(lines.join('\n')));
        expect(verdict.outcome).toEqual(capture.outcome);
        expect(verdict.result.text).toBe(capture.text);
      }),
    );
  });

  test('fields of unexpected kinds never throw and still fit the wire', () => {
    const types = ['system', 'assistant', 'user', 'stream_event', 'result', 'rate_limit_event'];
    const known = [
      ...new Set(captures.flatMap(({ bytes }) => bytes.toString().match(/"[a-z_A-Z]+"(?=:)/g) ?? [])),
    ];
    const field = fc.constantFrom(...known.map((key) => key.slice(1, -1)));
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 0 }),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(field, tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    const subtypes = [
      'init',
      'status',
      'api_retry',
      'permission_denied',
      'background_tasks_changed',
      'success',
    ];
    const line = fc
      .tuple(fc.constantFrom(...types), fc.constantFrom(...subtypes), fc.dictionary(field, value))
      .map(([type, subtype, rest]) => JSON.stringify({ ...rest, type, subtype }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, expectsStructuredOutput) => {
        const reader = new ClaudeReader({ expectsStructuredOutput });
        const events = reader.push(Buffer.from(`${lines.join('\n')}\n`));
        expect(events.map((event) => ClaudeEvent.parse(event))).toEqual(events);
        const verdict = classify(reader.facts, { code: 0, signal: null }, '');
        expect(Outcome.parse(verdict.outcome)).toEqual(verdict.outcome);
        expect(ClaudeResult.parse(verdict.result)).toEqual(verdict.result);
      }),
      { numRuns: 300 },
    );
  });
});

import { expect, test } from 'vitest';
import { classify } from './classify.ts';
import { ClaudeReader } from './reader.ts';

const clean = { code: 0, signal: null };
const init = { type: 'system', subtype: 'init', session_id: 's1' };
const result = { type: 'result', subtype: 'success', is_error: false, num_turns: 1 };

function facts(lines: object[], expectsStructuredOutput = false) {
  const reader = new ClaudeReader({ expectsStructuredOutput });
  reader.push(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  return reader.facts;
}

test('an answer that talks about limits has succeeded', () => {
  const text =
    "API Error: Request rejected (429) · You've hit your limit. Prompt is too long. Credit balance is too low";
  const said = { type: 'assistant', message: { content: [{ type: 'text', text }] } };
  const verdict = classify(facts([init, said, { ...result, result: text }]), clean, text);
  expect(verdict).toMatchObject({ outcome: { status: 'succeeded' }, result: { text } });
  expect(verdict.limit).toBeUndefined();
});

test('a tool that prints limits makes none', () => {
  const content = '{"type":"result","is_error":true,"api_error_status":429}';
  const told = { type: 'user', message: { content: [{ type: 'tool_result', content }] } };
  expect(classify(facts([init, told, result]), clean, content).outcome).toEqual({ status: 'succeeded' });
});

test.for<[name: string, stderr: string]>([
  ['a session id in use', 'Error: Session ID 0f8f is already in use.'],
  ['an unknown option', "error: unknown option '--nonsense'"],
])('a start that fails with %s says so', ([, stderr]) => {
  expect(classify(facts([]), { code: 1, signal: null }, `${stderr}\n`).outcome).toEqual({
    status: 'failed',
    reason: 'startup',
    exitCode: 1,
    message: stderr,
  });
});

test('a clean exit without a result is a failure', () => {
  expect(classify(facts([init]), clean, '').outcome).toEqual({
    status: 'failed',
    reason: 'exit',
    exitCode: 0,
    message: 'Ended without a result.',
  });
});

test('a turn that is cut short after an earlier result has failed', () => {
  const outcome = classify(facts([init, result, init]), { code: null, signal: 'SIGKILL' }, '').outcome;
  expect(outcome).toMatchObject({ status: 'failed', reason: 'signal', signal: 'SIGKILL' });
});

test('an end by signal after the result does not spoil it', () => {
  expect(classify(facts([init, result]), { code: 143, signal: null }, '').outcome).toEqual({
    status: 'succeeded',
  });
});

test('a schema that is asked for and not met has failed, null being data', () => {
  expect(classify(facts([init, result], true), clean, '').outcome).toMatchObject({ reason: 'schema' });
  const met = facts([init, { ...result, structured_output: null }], true);
  expect(classify(met, clean, '')).toMatchObject({
    outcome: { status: 'succeeded' },
    result: { structuredOutput: null },
  });
});

test.for<[fields: object, assistant: object, kind: string]>([
  [{ api_error_status: 429 }, { error: 'rate_limit' }, 'rate'],
  [{ api_error_status: 429, api_error: 'usage_limit_reached' }, { error: 'rate_limit' }, 'usage'],
  [{ api_error_status: 429, api_error: 'model_requires_usage_credits' }, {}, 'billing'],
  [{ terminal_reason: 'blocking_limit' }, {}, 'context'],
  [{ api_error: 'max_output_tokens' }, { api_error_params: { cut: 'context_window' } }, 'context'],
  [{ api_error: 'max_output_tokens' }, { api_error_params: { cut: 'output_limit' } }, 'output'],
  [{ api_error_status: 402 }, {}, 'billing'],
  [{ api_error_status: 400 }, { error: 'billing_error' }, 'billing'],
  [{ api_error_status: 403 }, {}, 'auth'],
  [{}, { error: 'authentication_failed' }, 'auth'],
  [{ api_error_status: 200, api_error_type: 'overloaded_error' }, {}, 'overloaded'],
  [{ subtype: 'error_max_turns' }, {}, 'turns'],
  [{ subtype: 'error_max_budget_usd' }, {}, 'budget'],
])('fields %o with %o mean a limit of kind %s', ([fields, assistant, kind]) => {
  const error = { type: 'assistant', message: { content: [] }, is_api_error_message: true, ...assistant };
  const verdict = classify(facts([init, error, { ...result, is_error: true, ...fields }]), clean, '');
  expect(verdict).toMatchObject({ outcome: { status: 'limited', limit: { kind } }, limit: { kind } });
});

test.for<[fields: object, assistant: object, reason: string]>([
  [{ api_error_status: 404 }, { error: 'model_not_found' }, 'model'],
  [{ api_error: 'connection_failed' }, { error: 'server_error' }, 'network'],
  [{ api_error_status: 500 }, { error: 'server_error' }, 'api'],
  [{ stop_reason: 'refusal' }, { error: 'invalid_request' }, 'refusal'],
  [{ subtype: 'error_max_structured_output_retries' }, {}, 'schema'],
  [{ subtype: 'error_during_execution' }, { is_api_error_message: false }, 'exit'],
])('fields %o with %o mean a failure for %s', ([fields, assistant, reason]) => {
  const error = { type: 'assistant', message: { content: [] }, is_api_error_message: true, ...assistant };
  const verdict = classify(facts([init, error, { ...result, is_error: true, ...fields }]), clean, '');
  expect(verdict.outcome).toMatchObject({ status: 'failed', reason });
  expect(verdict.limit).toBeUndefined();
});

test('a closed window stops nobody who pays for more', () => {
  const window = {
    status: 'rejected',
    resetsAt: 1_900_000_000,
    rateLimitType: 'five_hour',
    isUsingOverage: true,
  };
  const event = { type: 'rate_limit_event', rate_limit_info: window };
  const limited = { ...result, is_error: true, api_error_status: 429 };
  expect(classify(facts([init, event, result]), clean, '').outcome).toEqual({ status: 'succeeded' });
  expect(classify(facts([init, event, limited]), clean, '').limit?.kind).toBe('rate');
});

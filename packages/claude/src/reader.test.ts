import { expect, test } from 'vitest';
import { ClaudeReader } from './reader.ts';

function lines(...objects: object[]): Buffer {
  return Buffer.from(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
}

const init = { type: 'system', subtype: 'init', session_id: 's1', model: 'm' };
const result = { type: 'result', subtype: 'success', is_error: false, num_turns: 1, result: 'done' };

function said(text: string, more: object = {}): object {
  return { type: 'assistant', message: { id: 'msg1', content: [{ type: 'text', text }] }, ...more };
}

function delta(index: number, text: string, more: object = {}): object {
  const event = { type: 'content_block_delta', index, delta: { type: 'text_delta', text } };
  return { type: 'stream_event', api_message_id: 'msg1', event, ...more };
}

function stop(fromBlockIndex: number): object {
  const abandoned_blocks = { api_message_id: 'msg1', from_block_index: fromBlockIndex };
  return { type: 'stream_event', event: { type: 'message_stop' }, abandoned_blocks };
}

test('a line that is too long is dropped, reported and counted', () => {
  const reader = new ClaudeReader({ maxLineBytes: 200 });
  expect(reader.push(lines(said('x'.repeat(300)), said('short')))).toEqual([
    { type: 'other', name: 'lineTooLong' },
    { type: 'text', text: 'short', messageId: 'msg1' },
  ]);
  expect(reader.facts.garbageLines).toBe(1);
});

test('what is no JSON object is garbage, and an empty line is nothing', () => {
  const reader = new ClaudeReader();
  const garbage = { type: 'other', name: 'garbage' };
  expect(reader.push(Buffer.from('oops\n[1]\n\n{"no":"type"}\n'))).toEqual([garbage, garbage, garbage]);
  expect(reader.push(lines({ type: 'news' }))).toEqual([{ type: 'other', name: 'news' }]);
  expect(reader.facts.garbageLines).toBe(3);
});

test('the last line needs no line break', () => {
  const reader = new ClaudeReader();
  expect(reader.push(Buffer.from('{"type":"news"}'))).toEqual([]);
  expect(reader.end()).toEqual([{ type: 'other', name: 'news' }]);
});

test('a sub-agent has its say, but not in the answer', () => {
  const reader = new ClaudeReader();
  const events = reader.push(
    lines(
      init,
      said('mine'),
      delta(0, 'its', { agent_id: 'a1' }),
      said('its', { parent_tool_use_id: 'toolu1' }),
    ),
  );
  expect(events.slice(1)).toEqual([
    { type: 'text', text: 'mine', messageId: 'msg1' },
    { type: 'textDelta', text: 'its', messageId: 'msg1', agentId: 'a1' },
    { type: 'text', text: 'its', messageId: 'msg1', agentId: 'toolu1' },
  ]);
  expect(reader.facts.result.text).toBe('mine');
});

test('an error that a sub-agent met is not the error of the run', () => {
  const reader = new ClaudeReader();
  const more = { is_api_error_message: true, error: 'rate_limit', api_error_status: 429 };
  reader.push(lines(init, said('limited', { ...more, parent_tool_use_id: 'toolu1' })));
  expect(reader.facts.apiError).toBeUndefined();
});

test('text of a broken message is withdrawn', () => {
  const reader = new ClaudeReader();
  reader.push(lines(init, delta(0, 'vo'), delta(0, 'id')));
  expect(reader.facts.result.text).toBe('void');
  expect(reader.push(lines(stop(0)))).toEqual([{ type: 'textWithdrawn', messageId: 'msg1' }]);
  expect(reader.facts.result.text).toBe('');
});

test('the blocks of a broken message that stay are said again', () => {
  const reader = new ClaudeReader();
  reader.push(lines(init, delta(0, 'kept'), said('kept'), delta(1, 'void')));
  expect(reader.push(lines(stop(1)))).toEqual([
    { type: 'textWithdrawn', messageId: 'msg1' },
    { type: 'text', text: 'kept', messageId: 'msg1' },
  ]);
  expect(reader.facts.result.text).toBe('kept');
});

test('a broken message that lost nothing withdraws nothing', () => {
  const reader = new ClaudeReader();
  reader.push(lines(init, delta(0, 'kept'), said('kept')));
  expect(reader.push(lines(stop(1)))).toEqual([]);
});

test('the answer is what was said after the last tool', () => {
  const reader = new ClaudeReader();
  const use = { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls' } };
  const tool = { type: 'assistant', message: { id: 'msg1', content: [use] } };
  const told = {
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: 't1', content: 'a' }] },
  };
  reader.push(lines(init, said('Let me look.')));
  expect(reader.push(lines(tool, told))).toEqual([
    { type: 'toolUse', toolUseId: 't1', name: 'Bash', summary: 'ls' },
    { type: 'toolResult', toolUseId: 't1', isError: false, summary: 'a' },
  ]);
  expect(reader.facts.result.text).toBe('Let me look.');
  reader.push(lines(said('One file, '), said('a.')));
  expect(reader.facts.result.text).toBe('One file, a.');
});

test('a wait to ask again is known until the model answers', () => {
  const reader = new ClaudeReader();
  const retry = { attempt: 1, max_retries: 10, retry_delay_ms: 573, error_status: null, error: 'unknown' };
  const wait = {
    type: 'retryWait',
    attempt: 1,
    maxRetries: 10,
    delayMs: 573,
    httpStatus: null,
    error: 'unknown',
  };
  expect(reader.push(lines(init, { type: 'system', subtype: 'api_retry', ...retry }))[1]).toEqual(wait);
  expect(reader.facts.retryWait).toEqual(wait);
  reader.push(lines(said('there')));
  expect(reader.facts.retryWait).toBeUndefined();
});

test('a run is settled when a result has come and no background task lives', () => {
  const reader = new ClaudeReader();
  const tasks = (...ids: string[]): object => ({
    type: 'system',
    subtype: 'background_tasks_changed',
    tasks: ids,
  });
  const settled = [init, tasks('t1'), result, tasks(), init, result].map((line) => {
    reader.push(lines(line));
    return reader.isSettled;
  });
  expect(settled).toEqual([false, false, false, true, false, true]);
});

test('tokens are counted before the result comes, and corrected by it', () => {
  const reader = new ClaudeReader();
  const usage = { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 };
  const start = { type: 'message_start', message: { id: 'msg1', usage } };
  const end = { type: 'message_delta', usage: { output_tokens: 7 } };
  reader.push(lines(init, { type: 'stream_event', event: start }, { type: 'stream_event', event: end }));
  expect(reader.facts.result.usage).toEqual({
    inputTokens: 10,
    outputTokens: 7,
    cacheReadTokens: 5,
    cacheCreationTokens: 0,
  });
  const modelUsage = { m: { inputTokens: 11, outputTokens: 8 }, n: { inputTokens: 1 } };
  reader.push(lines({ ...result, modelUsage, total_cost_usd: 0.5 }));
  expect(reader.facts.result).toMatchObject({ usage: { inputTokens: 12, outputTokens: 8 }, costUsd: 0.5 });
});

test('a tool input nested too deeply to be written again is garbage and breaks nothing', () => {
  const reader = new ClaudeReader();
  const input = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const block = `{"type":"tool_use","id":"t","name":"X","input":${input}}`;
  const line = `{"type":"assistant","message":{"id":"msg1","content":[${block}]}}\n`;
  expect(reader.push(Buffer.from(line))).toEqual([{ type: 'other', name: 'garbage' }]);
  expect(reader.push(lines(said('short')))).toEqual([{ type: 'text', text: 'short', messageId: 'msg1' }]);
});

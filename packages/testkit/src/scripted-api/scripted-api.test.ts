import { expect, test } from 'vitest';
import { startScriptedApi } from './scripted-api.ts';
import { rateLimit } from './troubles.ts';

function ask(url: string, prompt: string, options: { stream?: boolean; session?: string } = {}) {
  return fetch(`${url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'x-claude-code-session-id': options.session ?? 's1' },
    body: JSON.stringify({
      model: 'some-model',
      max_tokens: 100,
      stream: options.stream ?? false,
      messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
    }),
  });
}

test('a request that does not stream is answered with one object', async () => {
  await using api = await startScriptedApi();
  const response = await ask(api.url, 'scenario:text {"text":"Hello"}');
  expect(await response.json()).toMatchObject({
    model: 'some-model',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
  });
});

test('a streamed answer arrives in deltas of the asked size', async () => {
  await using api = await startScriptedApi();
  const response = await ask(api.url, 'scenario:text {"text":"a🙂c", "deltaChars":2}', { stream: true });
  const body = await response.text();
  expect(body.match(/"text_delta","text":"[^"]*"/g)).toEqual([
    '"text_delta","text":"a🙂"',
    '"text_delta","text":"c"',
  ]);
  expect(body.trimEnd().split('\n\n').at(-1)).toBe('event: message_stop\ndata: {"type":"message_stop"}');
});

test('each conversation has its own count of attempts', async () => {
  await using api = await startScriptedApi({ scenario: rateLimit({ times: 1, retryAfterSeconds: 7 }) });
  const first = await ask(api.url, 'hi', { session: 'a' });
  expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await ask(api.url, 'hi', { session: 'a' })).status).toBe(200);
  expect((await ask(api.url, 'hi', { session: 'b' })).status).toBe(429);
});

test('a prompt that names an unknown scenario is refused', async () => {
  await using api = await startScriptedApi();
  const response = await ask(api.url, 'scenario:nonsense');
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('no scenario is called nonsense');
});

test('a wait for a request ends when it comes or when its signal says so', async () => {
  await using api = await startScriptedApi();
  const second = api.waitForRequest(2);
  await ask(api.url, 'one');
  await ask(api.url, 'two');
  expect((await second).prompt).toBe('two');
  expect((await api.waitForRequest((request) => request.prompt === 'one')).attempt).toBe(1);
  await expect(api.waitForRequest(3, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
});

test('disposal cuts the connections that hang', async () => {
  const api = await startScriptedApi();
  const answer = ask(api.url, 'scenario:hang');
  await api.waitForRequest(1);
  expect(api.connections).toBe(1);
  await Promise.all([expect(answer).rejects.toThrow(), api[Symbol.asyncDispose]()]);
});

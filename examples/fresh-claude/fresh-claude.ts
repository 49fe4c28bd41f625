// Asks a fresh Claude and shows its answer while it is written.
// Needs an executor, `cc-executor serve --auth none`, and a Claude CLI that is signed in.
import assert from 'node:assert/strict';
import { connectClient } from '@cc-executor/client';
import { WebSocket } from 'ws';

const url = process.env['CC_EXECUTOR_WEBSOCKET_URL'] ?? 'ws://127.0.0.1:8004/ws';
const token = process.env['CC_EXECUTOR_TOKEN'];
const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
const prompt = process.argv[2] ?? 'Say hello in one short sentence.';

await using client = await connectClient({
  open: () => new WebSocket(url, { headers }),
  client: { name: 'example-fresh-claude', version: '1.0.0' },
});

const job = await client.startJob({ kind: 'claude', cwd: process.cwd(), prompt, maxTurns: 3 });

for await (const entry of job.entries()) {
  if (entry.type === 'event' && entry.event.type === 'textDelta') process.stdout.write(entry.event.text);
  if (entry.type === 'limit') console.error(`\nlimit: ${entry.limit.kind}: ${entry.limit.hint}`);
  if (entry.type !== 'closed') continue;

  assert.equal(entry.outcome.status, 'succeeded');
  assert(entry.result?.kind === 'claude');
  const { text, sessionId, turns, usage, costUsd } = entry.result;
  assert.notEqual(text, '');
  console.log(
    `\nsession ${sessionId}, ${turns} turn(s), ${usage.outputTokens} tokens out, $${costUsd.toFixed(4)}`,
  );
}

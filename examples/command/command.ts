// Runs one command and prints what it prints.
// Needs an executor: `cc-executor serve --auth none`.
import assert from 'node:assert/strict';
import { connectClient } from '@cc-executor/client';
import { WebSocket } from 'ws';

const url = process.env['CC_EXECUTOR_WEBSOCKET_URL'] ?? 'ws://127.0.0.1:8004/ws';
const token = process.env['CC_EXECUTOR_TOKEN'];
const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };

await using client = await connectClient({
  open: () => new WebSocket(url, { headers }),
  client: { name: 'example-command', version: '1.0.0' },
});

const job = await client.startJob({ kind: 'command', cwd: process.cwd(), argv: ['seq', '1', '5'] });

let output = '';
for await (const entry of job.entries()) {
  if (entry.type === 'output') {
    output += entry.data;
    process.stdout.write(entry.data);
  }
  if (entry.type === 'closed') {
    assert.deepEqual(entry.outcome, { status: 'succeeded' });
    console.log(`${job.jobId} ${entry.outcome.status}`);
  }
}
assert.equal(output, '1\n2\n3\n4\n5\n');

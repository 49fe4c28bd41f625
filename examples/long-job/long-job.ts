// A longer job: its progress, a pause, a lost connection, and the rest of the output over a new one.
// Needs an executor: `cc-executor serve --auth none`.
import assert from 'node:assert/strict';
import { connectClient } from '@cc-executor/client';
import { WebSocket } from 'ws';

const url = process.env['CC_EXECUTOR_WEBSOCKET_URL'] ?? 'ws://127.0.0.1:8004/ws';
const token = process.env['CC_EXECUTOR_TOKEN'];
const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
const connect = () =>
  connectClient({
    open: () => new WebSocket(url, { headers }),
    client: { name: 'example-long-job', version: '1.0.0' },
  });

const steps = 20;
const program = `
  import time
  for step in range(1, ${steps + 1}):
      print(f"step {step} of ${steps}", flush=True)
      time.sleep(0.1)
`.replaceAll(/^ {2}/gm, '');

const seen: string[] = [];
const show = (data: string) => {
  for (const line of data.trimEnd().split('\n')) {
    seen.push(line);
    console.log(`[${'#'.repeat(seen.length).padEnd(steps)}] ${line}`);
  }
};

let lastSeq = 0;
let jobId: string;
{
  await using client = await connect();
  // `keep`: the job goes on when nobody is connected.
  const job = await client.startJob({
    kind: 'command',
    cwd: process.cwd(),
    argv: ['python3', '-c', program],
    onDetach: 'keep',
  });
  jobId = job.jobId;
  for await (const entry of job.entries()) {
    if (entry.type === 'gap') continue;
    lastSeq = entry.seq;
    if (entry.type === 'output') show(entry.data);
    if (seen.length >= 5) break;
  }
  await client.control(jobId, 'pause');
  console.log('paused, and the connection is dropped');
}

await using client = await connect();
const { before, after } = await client.control(jobId, 'resume');
assert.deepEqual(
  [before, after],
  [
    { status: 'running', paused: true },
    { status: 'running', paused: false },
  ],
);
console.log('connected again and resumed');
for await (const entry of client.follow(jobId, { afterSeq: lastSeq })) {
  if (entry.type === 'output') show(entry.data);
  if (entry.type === 'closed') assert.deepEqual(entry.outcome, { status: 'succeeded' });
}
assert.deepEqual(
  seen,
  Array.from({ length: steps }, (_, index) => `step ${index + 1} of ${steps}`),
);

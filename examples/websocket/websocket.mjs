// A client without any of our packages: JSON-RPC 2.0 over a WebSocket.
// Needs an executor: `cc-executor serve --auth none`.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';

const url = process.env['CC_EXECUTOR_WEBSOCKET_URL'] ?? 'ws://127.0.0.1:8004/ws';
const token = process.env['CC_EXECUTOR_TOKEN'];
const socket = new WebSocket(
  url,
  token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
);

let nextId = 1;
const replies = new Map();
const request = (method, params) => {
  const id = nextId++;
  socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  return new Promise((resolve, reject) => replies.set(id, { resolve, reject }));
};

let output = '';
const closed = Promise.withResolvers();
socket.on('error', closed.reject);
socket.on('message', (data) => {
  const { id, result, error, method, params } = JSON.parse(data.toString());
  if (error !== undefined) replies.get(id)?.reject(new Error(error.message));
  else if (id !== undefined) replies.get(id)?.resolve(result);
  else if (method === 'job/output') {
    output += params.data;
    process.stdout.write(params.data);
    // More output may be sent once this has been dealt with.
    socket.send(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'job/credit',
        params: { jobId: params.jobId, bytes: params.bytes },
      }),
    );
  } else if (method === 'job/closed') closed.resolve(params);
});

await new Promise((resolve) => socket.once('open', resolve));
await request('initialize', { protocolVersion: 1, client: { name: 'example-websocket', version: '1.0.0' } });
const { jobId } = await request('job/start', {
  kind: 'command',
  cwd: process.cwd(),
  command: 'echo "hello, executor"',
});
const { outcome } = await closed.promise;
console.log(jobId, outcome.status);
socket.close();

assert.equal(output, 'hello, executor\n');
assert.deepEqual(outcome, { status: 'succeeded' });

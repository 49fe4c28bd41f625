import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutorClient } from '@cc-executor/client';
import { WebSocket } from 'ws';
import { printsPattern } from '../soak/output/pattern.ts';
import type { Tier } from '../src/tiers.ts';
import { startExecutorUnderTest } from './executor-under-test.ts';
import { Samples } from './samples.ts';

const ROUNDS = 7;
const LINES = 150;
/** Other jobs, which print about 1 MB/s each. */
const OTHERS = 20;
const MAX_RATIO = 3;

const printsTimes = [
  'perl',
  fileURLToPath(new URL('prints-times.pl', import.meta.url)),
  String(LINES),
] as const;
const bareSocket = fileURLToPath(new URL('bare-socket.main.ts', import.meta.url));
const fromStart = { kind: 'command', cwd: '/', attach: { encoding: 'base64' } } as const;

/** How long a line takes from a child to the client while other jobs print, over a bare pipe plus a bare socket. */
export async function benchFirstByte(tier: Tier): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ccx-bench-'));
  const settings = { lanes: { command: { concurrency: 2 * OTHERS } } };
  await using subject = await startExecutorUnderTest(folder.path, tier, settings);
  await using socket = await startBareSocket();
  const { client } = subject;
  const stop = new AbortController();
  const argv = printsPattern({ writeBytes: 10_000, restMs: 9 });
  const others = Array.from({ length: OTHERS }, () => follow(client, argv, stop.signal));
  await Promise.all(others.map(({ flows }) => flows));

  const pipe = new Samples();
  const bare = new Samples();
  const through = new Samples();
  // Of each round by itself: what else the machine does changes from one to the next.
  const ratios = new Samples();
  for (let round = 0; round < ROUNDS; round += 1) {
    const pipeMs = await throughPipe();
    const socketMs = await throughSocket(socket.url);
    const jobMs = await throughJob(client);
    pipe.add(pipeMs);
    bare.add(socketMs);
    through.add(jobMs);
    ratios.add(jobMs / (pipeMs + socketMs));
  }
  const beside = await replies(client);
  const flood = follow(client, printsPattern({}), stop.signal);
  await flood.flows;
  const under = await replies(client);
  stop.abort();
  await Promise.all([...others, flood].map(({ ended }) => ended));

  const ratio = ratios.median;
  console.log(
    `\nA line from a child to a client of the executor, beside ${OTHERS} jobs with 1 MB/s each (${tier})`,
  );
  console.log(`  bare pipe ${text(pipe)}, bare socket ${text(bare)}, through the executor ${text(through)}`);
  console.log(
    `  = ${ratio.toFixed(2)} of both together, at most ${MAX_RATIO}${ratio > MAX_RATIO ? ': FAILED' : ''}   (n = ${ROUNDS} of ${LINES})`,
  );
  console.log(`  reply to job/get: ${text(beside)}, under a flood on the same connection ${text(under)}`);
  if (ratio > MAX_RATIO) process.exitCode = 1;
}

/** Follows a job until the signal aborts, then ends it. `flows` resolves once it has printed a megabyte. */
function follow(
  client: ExecutorClient,
  argv: string[],
  signal: AbortSignal,
): { readonly flows: Promise<void>; readonly ended: Promise<void> } {
  const flowing = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    const job = await client.startJob({ ...fromStart, argv });
    let bytes = 0;
    for await (const entry of job.entries()) {
      if (entry.type === 'output') bytes += entry.bytes;
      if (bytes > 1e6) flowing.resolve();
      if (signal.aborted) break;
    }
    await client.control(job.jobId, 'cancel', { graceMs: 0 });
  };
  return { flows: flowing.promise, ended: run() };
}

/** The median delay of lines that hold the time at which they were sent, in milliseconds. */
class Delays {
  readonly #samples = new Samples();

  take(lines: string): void {
    const now = process.hrtime.bigint();
    for (const line of lines.split('\n')) {
      if (line !== '') this.#samples.add(Number(now - BigInt(line)) / 1e6);
    }
  }

  get median(): number {
    if (this.#samples.count !== LINES) throw new Error(`${this.#samples.count} of ${LINES} lines came`);
    return this.#samples.median;
  }
}

async function throughPipe(): Promise<number> {
  const delays = new Delays();
  const [program, ...args] = printsTimes;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (data: Buffer) => delays.take(data.toString('latin1')));
  await once(child, 'close');
  return delays.median;
}

async function throughSocket(url: string): Promise<number> {
  const delays = new Delays();
  const socket = new WebSocket(`${url}/${LINES}`, { perMessageDeflate: false });
  socket.on('message', (data: Buffer) => delays.take(data.toString('latin1')));
  await once(socket, 'close');
  return delays.median;
}

async function throughJob(client: ExecutorClient): Promise<number> {
  const delays = new Delays();
  const job = await client.startJob({ ...fromStart, argv: [...printsTimes], attach: { encoding: 'utf8' } });
  for await (const entry of job.entries()) if (entry.type === 'output') delays.take(entry.data);
  return delays.median;
}

/** How long replies take on this connection. */
async function replies(client: ExecutorClient): Promise<Samples> {
  const { jobId } = await client.startJob({ kind: 'command', cwd: '/', argv: ['true'], attach: false });
  const samples = new Samples();
  for (let count = 0; count < LINES; count += 1) {
    const start = performance.now();
    await client.call('job/get', { jobId });
    samples.add(performance.now() - start);
  }
  return samples;
}

/** A process with a socket server and nothing else. */
async function startBareSocket(): Promise<{ readonly url: string } & AsyncDisposable> {
  const child = spawn(process.execPath, [bareSocket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

function text(samples: Samples): string {
  return `${(samples.median * 1000).toFixed(0)} µs`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorClient } from '@cc-executor/client';
import { startCuttingProxy } from '../../src/cutting-proxy.ts';
import { printsPattern } from './pattern.ts';
import { MemoryRecord } from './process-use.ts';
import { ReceivedOutput } from './received-output.ts';
import { startSoakExecutor } from './soak-executor.ts';
import { megabytes, type SoakPart } from './soak-part.ts';

const CUTS = 10;
const MAX_RESIDENT_BYTES = 300e6;
/** Base64 is a third larger than what it stands for. */
const BASE64_RATIO = 4 / 3;

/** Many jobs, as many of them at once as the lane takes, one follower stopped for a while, one behind a connection that is cut again and again. */
export const manyJobs: SoakPart = {
  name: 'jobs',
  title: 'many jobs, one follower stopped, one connection cut',
  run: async ({ sizes, random }) => {
    const { jobs, bytesPerJob, stallMs } = sizes;
    let port = 0;
    let left = CUTS;
    const nextCut = (): number | undefined => {
      if (left === 0) return undefined;
      // The first connection comes about: connecting at all is not what is soaked.
      const leastBytes = left === CUTS ? 10_000 : 0;
      left -= 1;
      return leastBytes + Math.floor((random() * bytesPerJob * BASE64_RATIO) / (CUTS + 1));
    };
    await using proxy = await startCuttingProxy(() => port, nextCut);
    await using executor = await startSoakExecutor({
      allowedHosts: [`127.0.0.1:${proxy.port}`],
      containment: 'portable',
    });
    ({ port } = executor);
    await using memory = new MemoryRecord(() => executor.pid);
    await using client = await executor.connect();
    await using cut = await executor.connect({ port: proxy.port });
    await using stopped = await executor.connect();
    const startedMs = performance.now();

    const follow = async (by: ExecutorClient, name: string, stopAt = Number.POSITIVE_INFINITY) => {
      const job = await by.startJob({
        kind: 'command',
        cwd: '/',
        argv: printsPattern({ bytes: bytesPerJob }),
        timeoutMs: 3_600_000,
        attach: { encoding: 'base64' },
      });
      const received = new ReceivedOutput(name);
      let hasStopped = false;
      for await (const entry of job.entries()) {
        received.take(entry);
        if (hasStopped || received.offset < stopAt) continue;
        hasStopped = true;
        await sleep(stallMs);
      }
      const { outcome } = received.closed ?? {};
      const isWhole = received.receivedBytes === bytesPerJob && outcome?.status === 'succeeded';
      const what = `${name}: ${received.receivedBytes} of ${bytesPerJob} bytes came, and the end was`;
      return isWhole ? received.faults : [...received.faults, `${what} ${JSON.stringify(outcome)}`];
    };
    const found = await Promise.all([
      follow(cut, 'the cut one'),
      follow(stopped, 'the stopped one', bytesPerJob / 10),
      ...Array.from({ length: jobs - 2 }, (_, index) => follow(client, `job ${index + 3}`)),
    ]);

    const seconds = (performance.now() - startedMs) / 1000;
    const peakBytes = memory.peakBytes();
    const faults = found.flat();
    if (proxy.cuts !== CUTS) faults.push(`the connection was cut ${proxy.cuts} times, not ${CUTS}`);
    if (peakBytes > MAX_RESIDENT_BYTES) faults.push(`the executor took ${megabytes(peakBytes)}`);
    const total = jobs * bytesPerJob;
    const rate = megabytes(total / seconds);
    const facts = [
      `${jobs} jobs, ${megabytes(total)} in ${seconds.toFixed(0)} s (${rate}/s); ${proxy.cuts} cuts; executor at most ${megabytes(peakBytes)}`,
    ];
    return { facts, faults };
  },
};

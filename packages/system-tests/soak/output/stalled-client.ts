import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { printsPattern } from './pattern.ts';
import { MemoryRecord, residentBytes, usedTicks } from './process-use.ts';
import { ReceivedOutput } from './received-output.ts';
import { startSoakExecutor } from './soak-executor.ts';
import { megabytes, type PartReport, type SoakContext, type SoakPart } from './soak-part.ts';

const QUOTA_BYTES = 64 * 1024 * 1024;
const MAX_GROWTH_BYTES = 64e6;
/** Growth from the first half of the stall to the second that is no growth. */
const MAX_DRIFT_BYTES = 8e6;
/** Bytes that the client takes before it stops. */
const TAKEN_BYTES = 1024 * 1024;

/** How a client stops: it grants no more credit, or does not even read its socket. */
type Stop = 'credit' | 'socket';

/** A client that takes nothing while its job floods: the job waits, memory stays, and nothing is lost. */
export const stalledClient: SoakPart = {
  name: 'stalled',
  title: 'a client that takes nothing under a flood',
  run: async (context) => {
    const reports = [await stall('credit', context), await stall('socket', context)];
    return {
      facts: reports.flatMap(({ facts }) => facts),
      faults: reports.flatMap(({ faults }) => faults),
    };
  },
};

async function stall(stop: Stop, { sizes }: SoakContext): Promise<PartReport> {
  await using executor = await startSoakExecutor({ stallTimeout: 3_600, containment: 'portable' });
  await using memory = new MemoryRecord(() => executor.pid);
  let socket: WebSocket | undefined;
  await using client = await executor.connect({ onSocket: (opened) => (socket = opened) });
  await using observer = await executor.connect();
  // One whose credit is not used up is stopped by its socket alone.
  const creditBytes = stop === 'credit' ? 1024 * 1024 : 64 * 1024 * 1024;
  const before = await residentBytes(executor.pid);
  const job = await client.startJob({
    kind: 'command',
    cwd: '/',
    argv: printsPattern({ bytes: sizes.stalledBytes }),
    timeoutMs: 60_000,
    retention: { atQuota: 'block', maxBytes: QUOTA_BYTES },
    attach: { encoding: 'base64', creditBytes },
  });
  const startedMs = performance.now();
  const received = new ReceivedOutput(`stalled by ${stop}`);
  const faults: string[] = [];
  const view = () => observer.call('job/get', { jobId: job.jobId });
  let pid = 0;
  let hasStalled = false;
  let growthBytes = 0;
  for await (const entry of job.entries()) {
    received.take(entry);
    if (entry.type === 'started') pid = entry.pid;
    if (hasStalled || received.receivedBytes < TAKEN_BYTES) continue;
    hasStalled = true;
    if (stop === 'socket') socket?.pause();
    while (!(await view()).isBlocked) await sleep(50);
    // Its last writes may be under way.
    await sleep(500);
    const blockedMs = performance.now();
    const ticks = await usedTicks(pid);
    const { outputBytes } = await view();
    await sleep(sizes.stallMs);
    const endMs = performance.now();
    const middleMs = (blockedMs + endMs) / 2;
    const usedWhileBlocked = (await usedTicks(pid)) - ticks;
    if (usedWhileBlocked > 0)
      faults.push(`${stop}: the job ran for ${usedWhileBlocked} ticks while it waited`);
    const after = await view();
    if (after.outputBytes !== outputBytes) faults.push(`${stop}: output grew while the job waited`);
    growthBytes = memory.peakBytes(startedMs, endMs) - before;
    const driftBytes = memory.peakBytes(middleMs, endMs) - memory.peakBytes(blockedMs, middleMs);
    if (growthBytes > MAX_GROWTH_BYTES) faults.push(`${stop}: memory grew by ${megabytes(growthBytes)}`);
    if (driftBytes > MAX_DRIFT_BYTES)
      faults.push(`${stop}: memory went on growing: ${megabytes(driftBytes)}`);
    if (stop === 'socket') socket?.resume();
  }
  const { outcome } = received.closed ?? {};
  if (outcome?.status !== 'succeeded') faults.push(`${stop}: the job ended as ${JSON.stringify(outcome)}`);
  if (received.receivedBytes !== sizes.stalledBytes) {
    faults.push(`${stop}: ${received.receivedBytes} of ${sizes.stalledBytes} bytes came`);
  }
  const facts = [
    `stopped by its ${stop}: memory grew by ${megabytes(growthBytes)}; all ${megabytes(received.receivedBytes)} came`,
  ];
  return { facts, faults: [...faults, ...received.faults] };
}

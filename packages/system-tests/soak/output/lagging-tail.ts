import { setTimeout as sleep } from 'node:timers/promises';
import { FolderRecord } from './folder-use.ts';
import { printsPattern } from './pattern.ts';
import { MemoryRecord, residentBytes } from './process-use.ts';
import { ReceivedOutput } from './received-output.ts';
import { startSoakExecutor } from './soak-executor.ts';
import { megabytes, type SoakPart } from './soak-part.ts';

const QUOTA_BYTES = 64 * 1024 * 1024;
const MAX_GROWTH_BYTES = 64e6;
/** Entries that the follower takes in a row before it rests. */
const MAX_BURST = 400;
const MAX_REST_MS = 200;

/** A job that prints far more than is kept, and a follower that lags behind: what it misses, it is told exactly. */
export const laggingTail: SoakPart = {
  name: 'tail',
  title: 'a job of which the tail is kept, with a follower that lags',
  run: async ({ sizes, random }) => {
    const { tailBytes } = sizes;
    await using executor = await startSoakExecutor({ containment: 'portable' });
    await using memory = new MemoryRecord(() => executor.pid);
    await using disk = new FolderRecord(executor.logsFolder);
    await using client = await executor.connect();
    const before = await residentBytes(executor.pid);
    const startedMs = performance.now();
    const job = await client.startJob({
      kind: 'command',
      cwd: '/',
      argv: printsPattern({ bytes: tailBytes }),
      timeoutMs: 3_600_000,
      retention: { atQuota: 'tail', maxBytes: QUOTA_BYTES },
      attach: { encoding: 'base64' },
    });
    const received = new ReceivedOutput('the lagging one');
    let left = 0;
    for await (const entry of job.entries()) {
      received.take(entry);
      left -= 1;
      if (left > 0) continue;
      await sleep(random() * MAX_REST_MS);
      left = random() * MAX_BURST;
    }
    const seconds = (performance.now() - startedMs) / 1000;

    const faults = [...received.faults];
    const expect = (what: string, found: number, wanted: number): void => {
      if (found !== wanted) faults.push(`${what}: ${found}, expected ${wanted}`);
    };
    expect('received and lost bytes', received.offset, tailBytes);
    if (received.gaps === 0)
      faults.push('nothing was dropped before the follower came to it: nothing was soaked');
    // What a reader finds who comes afterwards.
    const kept = new ReceivedOutput('the one who comes afterwards');
    for await (const entry of client.follow(job.jobId, { encoding: 'base64' })) kept.take(entry);
    faults.push(...kept.faults);
    const view = await client.call('job/get', { jobId: job.jobId });
    expect('outputBytes', view.outputBytes, tailBytes);
    expect('received and lost bytes afterwards', kept.offset, tailBytes);
    expect('droppedBytes', view.droppedBytes, kept.lostBytes);

    const growthBytes = memory.peakBytes(startedMs) - before;
    if (disk.peakBytes > QUOTA_BYTES) faults.push(`the log took ${megabytes(disk.peakBytes)} on disk`);
    if (growthBytes > MAX_GROWTH_BYTES) faults.push(`memory grew by ${megabytes(growthBytes)}`);
    const facts = [
      `${megabytes(tailBytes)} in ${seconds.toFixed(0)} s: ${megabytes(received.receivedBytes)} came, ` +
        `${megabytes(received.lostBytes)} in ${received.gaps} gaps did not`,
      `at most ${megabytes(disk.peakBytes)} on disk of ${megabytes(QUOTA_BYTES)}; memory grew by ${megabytes(growthBytes)}`,
    ];
    return { facts, faults };
  },
};

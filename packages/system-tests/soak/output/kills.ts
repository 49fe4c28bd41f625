import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorClient, Job } from '@cc-executor/client';
import { printsPattern, type PatternOptions } from './pattern.ts';
import { ReceivedOutput } from './received-output.ts';
import { startSoakExecutor } from './soak-executor.ts';
import { megabytes, type SoakPart } from './soak-part.ts';

/** Longest time from the first output of all jobs to the kill, in milliseconds. */
const MAX_RUN_MS = 800;
const PAGE_BYTES = 1024 * 1024;

/** Jobs that are killed with their executor: one floods and waits, one floods and is dropped, one prints little at a time. */
const programs: readonly (PatternOptions & { readonly retention?: object })[] = [
  { retention: { atQuota: 'block', maxBytes: 4 * 1024 * 1024 } },
  { retention: { atQuota: 'tail', maxBytes: 1024 * 1024 } },
  { writeBytes: 700, restMs: 1 },
];

/** A job that was killed, and what was found of it. */
interface Killed {
  readonly jobId: string;
  readonly digest: string;
}

/** Executors that are killed while they write: each log is whole up to an entry, and whoever follows sees no seam. */
export const kills: SoakPart = {
  name: 'kills',
  title: 'executors killed while they write, each followed by one with the same state',
  run: async ({ sizes, random }) => {
    await using executor = await startSoakExecutor({ containment: 'portable' });
    await using client = await executor.connect();
    const faults: string[] = [];
    const killed: Killed[] = [];
    let aheadBytes = 0;
    let storedBytes = 0;
    for (let round = 1; round <= sizes.kills; round += 1) {
      const running = programs.map((program) => startFollowed(client, program));
      const jobs = await Promise.all(running.map(async (one) => (await one).printing.then(() => one)));
      await sleep(random() * MAX_RUN_MS);
      await executor.restart();
      for (const { job, ended } of jobs) {
        const name = `kill ${round}, ${job.jobId}`;
        const seen = await ended;
        const found = await readWhole(client, job.jobId, name);
        const view = await client.call('job/get', { jobId: job.jobId });
        faults.push(...seen.faults, ...found.output.faults);
        for (const { closed } of [seen, found.output]) {
          if (closed?.outcome.status !== 'lost') faults.push(`${name}: its end is ${JSON.stringify(closed)}`);
        }
        if (found.output.offset !== view.outputBytes || found.output.lostBytes !== view.droppedBytes) {
          const { outputBytes, droppedBytes } = view;
          const told = `${outputBytes} printed and ${droppedBytes} dropped`;
          faults.push(`${name}: ${told}, found ${found.output.offset} and ${found.output.lostBytes}`);
        }
        aheadBytes = Math.max(aheadBytes, seen.offset - found.output.offset);
        storedBytes += found.output.receivedBytes;
        killed.push({ jobId: job.jobId, digest: found.digest });
      }
    }
    for (const { jobId, digest } of killed) {
      const again = await readWhole(client, jobId, `${jobId} in the end`);
      if (again.digest !== digest) faults.push(`${jobId}: it reads otherwise than after its own kill`);
    }
    const facts = [
      `${sizes.kills} kills, ${killed.length} logs with ${megabytes(storedBytes)}, read after their kill and in the end`,
      `a follower had seen at most ${megabytes(Math.max(0, aheadBytes))} that the kill took from the log`,
    ];
    return { facts, faults };
  },
};

/** Starts a job and takes what it prints until its end. */
async function startFollowed(
  client: ExecutorClient,
  { retention, ...pattern }: (typeof programs)[number],
): Promise<{ job: Job; printing: Promise<void>; ended: Promise<ReceivedOutput> }> {
  const job = await client.startJob({
    kind: 'command',
    cwd: '/',
    argv: printsPattern(pattern),
    attach: { encoding: 'base64' },
    ...(retention === undefined ? {} : { retention }),
  });
  const received = new ReceivedOutput(`${job.jobId} as followed`);
  const { promise: printing, resolve } = Promise.withResolvers<void>();
  const ended = (async () => {
    for await (const entry of job.entries()) {
      received.take(entry);
      if (entry.type === 'output') resolve();
    }
    return received;
  })();
  return { job, printing, ended };
}

/** Reads all that is kept of a job. */
async function readWhole(
  client: ExecutorClient,
  jobId: string,
  name: string,
): Promise<{ output: ReceivedOutput; digest: string }> {
  const output = new ReceivedOutput(`${name} as read`);
  const hash = createHash('sha256');
  for (let afterSeq = 0, atEnd = false; !atEnd;) {
    const params = {
      jobId,
      afterSeq,
      maxBytes: PAGE_BYTES,
      encoding: 'base64',
      include: ['output'],
    } as const;
    const page = await client.call('job/read', { ...params, include: [...params.include] });
    for (const entry of page.entries) {
      output.take(entry);
      hash.update(JSON.stringify(entry));
    }
    if (!page.atEnd && page.nextAfterSeq === afterSeq) throw new Error(`${name}: no page after ${afterSeq}`);
    ({ nextAfterSeq: afterSeq, atEnd } = page);
  }
  return { output, digest: hash.digest('hex') };
}

import { connectClient, type ExecutorClient, type Job } from '@cc-executor/client';
import {
  beatingPrograms,
  fixture,
  openHeartbeatFolder,
  type BeatingProgram,
  type HeartbeatFolder,
} from '@cc-executor/testkit';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestExecutor, type TestExecutor } from './test-executor.ts';
import { findTiers, type Tier } from './tiers.ts';

/** One job of each program that hides, all at the same time. */
interface HidingJob {
  readonly program: BeatingProgram;
  readonly folder: HeartbeatFolder;
  readonly job: Job;
}

/** How jobs come to their end. */
interface End {
  readonly name: string;
  readonly start?: { readonly timeoutMs: number };
  /** Whether the leader ends by itself at once. */
  readonly isLeaving?: boolean;
  end?(jobs: readonly HidingJob[], client: ExecutorClient): Promise<unknown>;
  readonly status: string;
}

const ends: readonly End[] = [
  { name: 'a normal exit', isLeaving: true, status: 'succeeded' },
  {
    name: 'a cancel',
    end: (jobs, client) =>
      Promise.all(jobs.map(({ job }) => client.control(job.jobId, 'cancel', { graceMs: 300 }))),
    status: 'cancelled',
  },
  {
    name: 'a cancel without grace',
    end: (jobs, client) =>
      Promise.all(jobs.map(({ job }) => client.control(job.jobId, 'cancel', { graceMs: 0 }))),
    status: 'cancelled',
  },
  {
    name: 'a cancel of a paused job',
    end: (jobs, client) =>
      Promise.all(
        jobs.map(async ({ job }) => {
          await client.control(job.jobId, 'pause');
          await client.control(job.jobId, 'cancel', { graceMs: 300 });
        }),
      ),
    status: 'cancelled',
  },
  { name: 'a time-out', start: { timeoutMs: 3_000 }, status: 'timed_out' },
  { name: 'a disconnect', end: (_jobs, client) => client[Symbol.asyncDispose](), status: 'cancelled' },
];

describe.each(await findTiers())('%s', (tier) => {
  test.each(ends)('$name leaves nobody', { timeout: 120_000 }, async (end) => {
    await using executor = await startTestExecutor({
      policy: { shell: 'full' },
      containment: tier === 'pidns' ? 'require' : 'portable',
    });
    await using folders = new AsyncDisposableStack();
    await using watcher = await connect(executor);
    await using client = await connect(executor);
    expect(client.info.containment).toBe(tier);
    const jobs = await Promise.all(
      beatingPrograms.map(async (program): Promise<HidingJob> => {
        const folder = folders.use(await openHeartbeatFolder());
        const argv = [fixture(program.name), folder.path, ...(end.isLeaving === true ? ['leave'] : [])];
        const job = await client.startJob({ kind: 'command', cwd: '/', argv, ...end.start });
        return { program, folder, job };
      }),
    );
    if (end.isLeaving !== true) {
      await Promise.all(jobs.map(({ folder, program }) => folder.untilBeaten(['leader', program.left])));
    }
    await end.end?.(jobs, client);
    const jobIds = jobs.map(({ job }) => job.jobId);
    await watcher.wait(jobIds, { mode: 'all' });
    const states = await Promise.all(jobIds.map((jobId) => watcher.call('job/get', { jobId })));
    expect(states.map(({ state }) => state)).toEqual(
      jobs.map(() => ({ status: 'ended', outcome: expect.objectContaining({ status: end.status }) })),
    );
    const left = await Promise.all(jobs.map((job) => findLeft(job, tier)));
    expect(left.filter(({ beating, standing }) => beating.length > 0 || standing.length > 0)).toEqual([]);
  });
});

/** Who is left of a job and should not be. */
async function findLeft({ program, folder }: HidingJob, tier: Tier) {
  const beating = await folder.beating({ withinMs: 300 });
  const { name, left } = program;
  if (program.mayEscape && tier === 'portable') {
    return { name, beating: beating.filter((role) => role !== left), standing: [] };
  }
  return { name, beating, standing: await folder.named() };
}

function connect(executor: TestExecutor): Promise<ExecutorClient> {
  const { url, token } = executor;
  return connectClient({
    open: () => new WebSocket(url, { headers: { authorization: `Bearer ${token}` } }),
    client: { name: 'leftovers', version: '0.0.0' },
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connectClient } from '@cc-executor/client';
import { WebSocket } from 'ws';
import { startExecutorProcess } from '../src/cc-executor-process.ts';
import { row, Samples } from './samples.ts';

const WARM_UP_ROUNDS = 20;
const ROUNDS = 200;

/** A job of `/bin/true` over a bare Node spawn of it, in turns. */
export async function benchCommandRoundTrip(folder: string): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
  await using executor = await startExecutorProcess(join(folder, 'state'), env);
  await using client = await connectClient({
    open: () => new WebSocket(executor.url, { headers: { authorization: `Bearer ${executor.token}` } }),
    client: { name: 'bench', version: '0.0.0' },
  });
  const bare = new Samples();
  const exited = new Samples();
  const closed = new Samples();
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const isCounted = round >= WARM_UP_ROUNDS;
    const bareStart = performance.now();
    await once(spawn('/bin/true', { stdio: ['ignore', 'pipe', 'pipe'] }), 'exit');
    if (isCounted) bare.add(performance.now() - bareStart);

    const start = performance.now();
    const job = await client.startJob({ kind: 'command', cwd: '/', argv: ['/bin/true'] });
    for await (const entry of job.entries()) {
      if (isCounted && entry.type === 'exited') exited.add(performance.now() - start);
      if (isCounted && entry.type === 'closed') closed.add(performance.now() - start);
    }
  }
  const { containment, rssBytes } = await client.call('executor/status', {});
  console.log(`\nA job of /bin/true over a bare spawn (containment ${containment})`);
  console.log(row('  start to exited', exited, bare));
  console.log(row('  start to closed', closed, bare));
  console.log(`  resident memory of the executor afterwards: ${Math.round(rssBytes / 1024 / 1024)} MB`);
}

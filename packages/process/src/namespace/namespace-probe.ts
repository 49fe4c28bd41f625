import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessError } from '../errors.ts';
import type { Tools } from '../tools.ts';
import { treeMarkers } from '../tree-marker.ts';
import { spawnNamespaceGate, type NamespaceTools } from './namespace-gate.ts';

const probeLimitMs = 5_000;

/**
 * Finds out whether namespaces can be had, by making one: kernels, containers and security modules refuse them in
 * more ways than could be looked up.
 *
 * @returns The reason why not, with what to do where that is known; undefined when they can.
 */
export async function probeNamespaces(
  instanceId: string,
  tools: Tools,
  procFd: number | undefined,
): Promise<string | undefined> {
  const { bwrap, perl } = tools;
  if (process.platform !== 'linux' || procFd === undefined) return 'only Linux has pid namespaces';
  if (bwrap === undefined) return 'bwrap is not installed (package bubblewrap)';
  if (perl === undefined) return 'perl is not installed';
  try {
    return await tryOne(instanceId, { bwrap, perl, procFd });
  } catch (error) {
    if (error instanceof ProcessError) return error.message;
    throw error;
  }
}

async function tryOne(instanceId: string, tools: NamespaceTools): Promise<string | undefined> {
  const markers = treeMarkers(instanceId, 'probe');
  const gate = await spawnNamespaceGate(tools, { LC_ALL: 'C', ...markers });
  const cancel = new AbortController();
  try {
    const outcome = await Promise.race([
      gate
        .open(
          { id: 'probe', file: '/bin/sh', args: ['-c', 'kill -TERM $$'], cwd: '/', env: {}, stdin: 'none' },
          markers,
        )
        .then(async ({ exited }) => ({ exit: await exited, namespace: await gate.exited })),
      sleep(probeLimitMs, undefined, { signal: cancel.signal, ref: false }),
    ]);
    if (outcome === undefined) return `a namespace was not made within ${probeLimitMs} ms`;
    if (outcome.exit.signal === 'SIGTERM' && outcome.namespace.code === 0) return undefined;
    return `a namespace did not report how its command ended (${JSON.stringify(outcome)})`;
  } finally {
    cancel.abort();
    gate.abandon();
  }
}

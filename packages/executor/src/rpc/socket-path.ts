import { lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Clears the way for a Unix socket: what a dead executor left behind is removed.
 *
 * @throws Error when somebody listens there, or when what is there is no socket.
 */
export async function claimSocketPath(path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<'free' | 'stale'>();
  const probe = connect(path);
  probe.once('connect', () => reject(new Error(`another program listens on the socket ${path}`)));
  probe.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') resolve('free');
    else if (error.code === 'ECONNREFUSED') resolve('stale');
    else reject(error);
  });
  try {
    if ((await promise) === 'free') return;
    // The kernel refuses a connection to any file; only a socket is ours to remove.
    if (!(await lstat(path)).isSocket()) throw new Error(`${path} is not a socket`);
    await rm(path, { force: true });
  } finally {
    probe.destroy();
  }
}

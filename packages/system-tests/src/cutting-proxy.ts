import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that cuts connections. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that were cut so far. */
  readonly cuts: number;
}

/**
 * Starts a proxy to a port of loopback. Each connection is cut after the number of bytes from the far side that
 * `nextCut` gives when it is made; undefined lets it be.
 */
export async function startCuttingProxy(
  targetPort: () => number,
  nextCut: () => number | undefined,
): Promise<CuttingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(targetPort(), '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    let leftBytes = nextCut();
    near.pipe(far);
    far.on('data', (bytes: Buffer) => {
      if (leftBytes !== undefined && bytes.length > leftBytes) {
        // Ended, not reset: what came before the cut arrives, in the middle of a frame as a rule.
        cuts += 1;
        near.end(bytes.subarray(0, leftBytes));
        far.destroy();
        return;
      }
      if (leftBytes !== undefined) leftBytes -= bytes.length;
      if (near.write(bytes)) return;
      far.pause();
      near.once('drain', () => far.resume());
    });
    for (const socket of pair) socket.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

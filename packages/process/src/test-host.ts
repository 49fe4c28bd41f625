import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcessHost, type ProcessHost, type ProcessHostOptions } from './process-host.ts';

/** A host for one test, with a journal in a folder of its own; both go when it is disposed. */
export async function openTestHost(options: Partial<ProcessHostOptions> = {}): Promise<ProcessHost> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await mkdtempDisposable(join(tmpdir(), 'host-')));
  const host = opening.use(
    await openProcessHost({
      instanceId: randomUUID(),
      journalPath: join(folder.path, 'journal'),
      path: process.env['PATH'] ?? '',
      containment: 'portable',
      ...options,
    }),
  );
  const parts = opening.move();
  return new Proxy(host, {
    get: (target, key) => {
      if (key === Symbol.asyncDispose) return () => parts.disposeAsync();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

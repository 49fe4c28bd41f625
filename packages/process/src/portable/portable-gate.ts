import type { Readable, Writable } from 'node:stream';
import { ProcessError } from '../errors.ts';
import { handOver, restoring } from '../handed-over.ts';
import { spawnChild, type Gate, type Leader, type SpawnFailure } from '../leader.ts';
import type { TreeSpec } from '../tree-spec.ts';

/** Waits for a byte and becomes the command; the end of file instead of a byte means that nobody wants it any more. */
const perlGate = `
open(my $gate, '<&=', 3) or exit 125;
sysread($gate, my $byte, 1) or exit 125;
close $gate;
${restoring}`;

/**
 * The same where there is no perl. The command sees its path as its own name, variables with unusual names are lost,
 * and PWD is set.
 */
const shellGate = 'read -r _ <&3 || exit 125; exec 3<&-; exec "$@"';

/** Spawns a gate that turns into the command itself. */
export function spawnPortableGate(
  spec: TreeSpec,
  env: Readonly<Record<string, string>>,
  perl: string | undefined,
): Gate | SpawnFailure {
  const handed = handOver(spec, env);
  const child = spawnChild(
    perl ?? '/bin/sh',
    perl === undefined
      ? ['-c', shellGate, 'sh', spec.file, ...spec.args]
      : ['-f', '-e', perlGate, '--', ...handed.args],
    {
      cwd: spec.cwd,
      env: perl === undefined ? { ...env } : handed.env,
      stdio: [spec.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  if ('failure' in child) return child;
  const [stdin, stdout, stderr, gate] = child.streams as [Writable | null, Readable, Readable, Writable];
  if (gate === undefined) throw new ProcessError('spawnFailed', 'A stream is missing.');
  const leader: Leader = { pid: child.pid, stdin, stdout, stderr, exited: child.exited };
  return {
    pid: child.pid,
    exited: child.exited,
    open() {
      gate.end('\n');
      return Promise.resolve(leader);
    },
    abandon() {
      for (const stream of child.streams) stream?.destroy();
    },
  };
}

import type { Readable, Writable } from 'node:stream';
import type { Gate } from '../gate.ts';
import { spawnChild } from '../child.ts';
import type { TreeSpec } from '../tree-spec.ts';

/**
 * The gate where there is no perl: it waits for a byte. It cannot be told a command, so it is made for one. The command
 * sees its path as its own name and PWD in its environment, variables with unusual names are lost, and a file that
 * does not run is an exit code of 126 or 127, as in any shell.
 */
const script = 'read -r _ <&3 || exit 125; exec 3<&-; exec "$@"';

/** Spawns a shell that turns into the command. @throws ProcessError as `spawnChild` */
export async function spawnShellGate(spec: TreeSpec, env: Readonly<Record<string, string>>): Promise<Gate> {
  const child = await spawnChild('/bin/sh', ['-c', script, 'sh', spec.file, ...spec.args], {
    cwd: spec.cwd,
    env,
    stdio: [spec.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [stdin, stdout, stderr, gate] = child.streams as [Writable | null, Readable, Readable, Writable];
  return {
    pid: child.pid,
    exited: child.exited,
    warden: undefined,
    open() {
      gate.end('\n');
      return Promise.resolve({ pid: child.pid, stdin, stdout, stderr, exited: child.exited });
    },
    abandon: () => child.abandon(),
    hold: (isHeld) => child.hold(isHeld),
    kill: () => child.kill(),
  };
}

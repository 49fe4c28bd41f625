import type { Duplex, Readable, Writable } from 'node:stream';
import { ProcessError } from '../errors.ts';
import { readGateReport } from '../gate-report.ts';
import type { Gate } from '../gate.ts';
import { becoming, encodeHandover, receiving } from '../handover.ts';
import { spawnChild } from '../child.ts';
import { explainBeginFailure } from '../spawn-failure.ts';

/** Becomes the command that it is told. When that has worked, the gate ends without another word. */
const perlGate = `
open(my $gate, '+<&=', 3) or exit 125;
${receiving}
syswrite $gate, "told\\n";
open STDIN, '<', '/dev/null' if !$hasStdin;
my $teller = $gate;
${becoming}
`;

/** Spawns a gate that turns into the command itself. */
export async function spawnPortableGate(perl: string, env: Readonly<Record<string, string>>): Promise<Gate> {
  const child = await spawnChild(perl, ['-f', '-e', perlGate], {
    cwd: '/',
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [stdin, stdout, stderr, gate] = child.streams as [Writable, Readable, Readable, Duplex];
  const report = readGateReport(gate);
  return {
    pid: child.pid,
    exited: child.exited,
    warden: undefined,
    async open(spec, commandEnv) {
      gate.write(encodeHandover(spec, commandEnv));
      const begun = await report.begun;
      if (!(await report.told)) {
        const { code, signal } = await child.exited;
        throw new ProcessError(
          'spawnFailed',
          `The gate of ${spec.file} ended too early, with ${signal ?? code}.`,
          {
            file: spec.file,
          },
        );
      }
      if (begun !== undefined && begun !== 'begun') throw await explainBeginFailure(begun, spec);
      if (spec.stdin === 'none') stdin.destroy();
      return {
        pid: child.pid,
        stdin: spec.stdin === 'pipe' ? stdin : null,
        stdout,
        stderr,
        exited: child.exited,
      };
    },
    abandon: () => child.abandon(),
    hold: (isHeld) => child.hold(isHeld),
    kill: () => child.kill(),
  };
}

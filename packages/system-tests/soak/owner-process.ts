import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { OwnerReport, type OwnerTask } from './owner-task.ts';

const program = fileURLToPath(new URL('owner.main.ts', import.meta.url));

/** A running owner. Disposing it kills it. */
export interface OwnerProcess extends AsyncDisposable {
  readonly pid: number;
  /** All it has said so far. */
  readonly reports: readonly OwnerReport[];
  /** Waits for a report. Undefined when it ended without one, or when the time is over. */
  waitFor<At extends OwnerReport['at']>(
    at: At,
    timeoutMs?: number,
  ): Promise<Extract<OwnerReport, { at: At }> | undefined>;
  /** Resolves when it has ended and all it said has been read. */
  readonly ended: Promise<void>;
  /** What it wrote to its stderr. */
  readonly errors: Promise<string>;
}

/** Starts an owner. */
export function startOwner(task: OwnerTask): OwnerProcess {
  const child = spawn(process.execPath, ['--conditions=@cc-executor/source', program], {
    env: { PATH: process.env['PATH'] ?? '', OWNER_TASK: JSON.stringify(task) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  const reports: OwnerReport[] = [];
  let wake = Promise.withResolvers<void>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    reports.push(OwnerReport.parse(JSON.parse(line)));
    wake.resolve();
    wake = Promise.withResolvers();
  });
  const errors = text(child.stderr);
  let hasEnded = false;
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(() => {
    hasEnded = true;
    wake.resolve();
    return undefined;
  });
  return {
    pid: child.pid ?? 0,
    reports,
    errors,
    ended,
    waitFor: async (at, timeoutMs = 10_000) => {
      type Wanted = Extract<OwnerReport, { at: typeof at }>;
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        wake.resolve();
      }, timeoutMs);
      try {
        for (;;) {
          const found = reports.find((report): report is Wanted => report.at === at);
          if (found !== undefined || hasEnded || isLate) return found;
          await wake.promise;
        }
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

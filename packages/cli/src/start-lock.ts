import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the right to start an executor for a state directory, so that many callers start one and not many.
 * The kernel takes it back from a caller that dies.
 *
 * @returns undefined while another caller has it
 */
export function tryStartLock(stateDir: string): Disposable | undefined {
  const lock = new DatabaseSync(join(stateDir, 'start-lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    return { [Symbol.dispose]: () => lock.close() };
  } catch {
    lock.close();
    return undefined;
  }
}

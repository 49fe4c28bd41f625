import type { TrialResult } from './trial.ts';

/** So many trials may be void, of all. */
const mostVoid = 0.1;
/** So many of those that count must be of each phase. */
const leastOfPhase = 0.3;

/** Whether somebody survived who had no way to. */
function hasForbiddenSurvivor({ trial, survivors }: TrialResult): boolean {
  const { tier, program } = trial;
  const isAllowed = (role: string): boolean =>
    tier === 'portable' && program.mayEscape && (role === program.left || role === 'standing');
  return !survivors.every(isAllowed);
}

/** What is wrong with a soak, in words; nothing when it has passed. */
export function findFaults(results: readonly TrialResult[]): string[] {
  const faults: string[] = [];
  for (const result of results) {
    const { trial, survivors, keepersLeft } = result;
    const what = `${trial.tier}, ${trial.victim} killed ${result.phase} the gate opened, ${trial.program.name}`;
    if (hasForbiddenSurvivor(result)) faults.push(`${what}: ${survivors.join(', ')} survived`);
    if (keepersLeft > 0) faults.push(`${what}: ${keepersLeft} guardians or gates never went`);
  }
  const counted = results.filter(({ phase }) => phase !== 'void');
  const voids = results.filter(({ phase }) => phase === 'void');
  if (voids.length > results.length * mostVoid) {
    faults.push(`${voids.length} of ${results.length} trials are void: ${voids[0]?.reason ?? ''}`);
  }
  for (const phase of ['before', 'after'] as const) {
    const share = counted.filter((result) => result.phase === phase).length / counted.length;
    // Written so that no trials at all are a fault, too.
    if (!(share >= leastOfPhase)) {
      faults.push(`${(share * 100).toFixed(0)} % of the kills came ${phase} the gate opened`);
    }
  }
  return faults;
}

import { beatingPrograms } from '@cc-executor/testkit';
import { drawInstantMs, measurePhases, type Phases } from './kill-instants.ts';
import type { OwnerTask } from './owner-task.ts';
import { createRandom } from './random.ts';
import { runTrial, type TrialResult, type Victim } from './trial.ts';

/** What to soak. */
export interface SoakOptions {
  /** How many trials, over all tiers. */
  readonly trials: number;
  readonly tiers: readonly OwnerTask['tier'][];
  /** Of the random numbers: which programs, and when to kill. */
  readonly seed: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: TrialResult, count: number) => void;
}

const victims: readonly Victim[] = ['executor', 'guardian', 'both'];

/** Kills executors, guardians and both at random instants, one trial after the other. */
export async function runTrials(options: SoakOptions): Promise<TrialResult[]> {
  const random = createRandom(options.seed);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  const phases = new Map<string, Phases>();
  const phasesOf = async (tier: OwnerTask['tier'], isWarm: boolean): Promise<Phases> => {
    const known = phases.get(`${tier} ${isWarm}`) ?? (await measurePhases(tier, isWarm));
    phases.set(`${tier} ${isWarm}`, known);
    return known;
  };

  const results: TrialResult[] = [];
  // Every victim of every tier in turn.
  const cells = options.tiers.flatMap((tier) => victims.map((victim) => ({ tier, victim })));
  while (results.length < options.trials) {
    const { tier, victim } = cells[results.length % cells.length] ?? pick(cells);
    const isWarm = random() < 0.5;
    const aim = rarerPhase(results, tier);
    const result = await runTrial({
      tier,
      victim,
      program: pick(beatingPrograms),
      isLeaving: random() < 0.5,
      isWarm,
      instantMs: drawInstantMs(random, await phasesOf(tier, isWarm), aim),
    });
    results.push(result);
    options.onResult?.(result, results.length);
  }
  return results;
}

/** What has come out less often is aimed at next: where the gate opens differs from start to start. */
function rarerPhase(results: readonly TrialResult[], tier: OwnerTask['tier']): 'before' | 'after' {
  const count = (phase: TrialResult['phase']): number =>
    results.filter(({ trial, phase: found }) => trial.tier === tier && found === phase).length;
  return count('before') < count('after') ? 'before' : 'after';
}

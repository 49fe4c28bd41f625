import type { TrialResult } from './trial.ts';

const columns = [
  ['tier', 9],
  ['killed', 9],
  ['trials', 7],
  ['void', 5],
  ['before', 7],
  ['after', 6],
  ['at once', 8],
  ['left', 5],
  ['clean after: median', 20],
  ['max', 9],
] as const;

/** The results as lines of text: one for each tier and victim, and below it who has survived. */
export function formatTable(results: readonly TrialResult[]): string {
  const lines = [columns.map(([name, width]) => name.padStart(width)).join(' ')];
  const cells = Map.groupBy(results, ({ trial }) => `${trial.tier} ${trial.victim}`);
  for (const [name, cell] of [...cells].toSorted(([one], [other]) => one.localeCompare(other))) {
    const count = (matches: (result: TrialResult) => boolean): string => String(cell.filter(matches).length);
    const times = cell.flatMap(({ cleanMs, phase }) =>
      cleanMs === undefined || phase === 'void' ? [] : [cleanMs],
    );
    const [tier, victim] = name.split(' ');
    const values = [
      tier,
      victim,
      String(cell.length),
      count(({ phase }) => phase === 'void'),
      count(({ phase }) => phase === 'before'),
      count(({ phase }) => phase === 'after'),
      victim === 'both' ? count(({ atOnce }) => atOnce.length > 0) : '',
      count(({ survivors }) => survivors.length > 0),
      formatMs(median(times)),
      formatMs(times.length === 0 ? Number.NaN : Math.max(...times)),
    ];
    lines.push(values.map((value, index) => (value ?? '').padStart(columns[index]?.[1] ?? 0)).join(' '));
    const escaped = cell.filter(({ survivors }) => survivors.length > 0);
    for (const [program, group] of Map.groupBy(escaped, ({ trial }) => trial.program.name)) {
      const roles = [...new Set(group.flatMap(({ survivors }) => survivors))].join(', ');
      lines.push(`${' '.repeat(20)}${program}: ${roles} in ${group.length} of ${ofProgram(cell, program)}`);
    }
  }
  return lines.join('\n');
}

function ofProgram(results: readonly TrialResult[], program: string): number {
  return results.filter(({ trial, phase }) => trial.program.name === program && phase !== 'void').length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function formatMs(ms: number): string {
  return Number.isNaN(ms) ? '-' : `${ms.toFixed(0)} ms`;
}

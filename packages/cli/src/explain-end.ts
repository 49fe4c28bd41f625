import type { Outcome } from '@cc-executor/protocol';
import { costNote } from './claude-notes.ts';
import type { CommandContext } from './command-context.ts';
import { outcomeLines } from './describe-outcome.ts';
import type { JobEnd } from './follow-to-end.ts';
import { dim } from './terminal-text.ts';
import { writeOut } from './write-out.ts';

/** Tells how a command ended, unless its own output and exit code tell that. */
export async function explainCommand(
  outcome: Outcome,
  { stderr }: Pick<CommandContext, 'stderr'>,
): Promise<void> {
  if (outcome.status === 'failed' && outcome.reason === 'exit') return;
  const lines = outcomeLines(outcome);
  if (lines.length > 0) await writeOut(stderr, `cc-executor: ${lines.join('\n')}\n`);
}

/** Tells how a Claude ended, and what it has cost. */
export async function explainClaude(
  { outcome, result }: JobEnd,
  { stderr }: Pick<CommandContext, 'stderr'>,
): Promise<void> {
  const lines = outcomeLines(outcome).map((line, index) => (index === 0 ? `cc-executor: ${line}` : line));
  if (result?.kind === 'claude') lines.push(dim(costNote(result), stderr));
  if (lines.length > 0) await writeOut(stderr, `${lines.join('\n')}\n`);
}

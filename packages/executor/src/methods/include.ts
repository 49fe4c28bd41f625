import type { Include, JobKind } from '@cc-executor/protocol';

/** What a follower gets who did not say: a command's output, a Claude's events. */
export function defaultInclude(kind: JobKind): Include[] {
  return kind === 'command' ? ['output'] : ['event'];
}

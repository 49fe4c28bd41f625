import type { LimitKind } from '@cc-executor/protocol';

/** What a caller can do about each limit. */
export const limitHints: Record<LimitKind, string> = {
  rate: 'Wait a minute and start it again, or run fewer Claudes at once.',
  usage: 'Wait until the window resets, or sign in with another account.',
  context: 'Start a fresh session with a shorter prompt, or split the task into smaller ones.',
  output: 'Ask for a shorter answer, or for the answer in files or in parts.',
  turns: 'Continue the session for more turns, or start it with a higher maxTurns.',
  budget: 'Continue the session with a new budget, or start it with a higher maxBudgetUsd.',
  billing: 'Add credit to the account, or sign in with another one.',
  auth: 'Sign the CLI in, or give the executor a valid API key or token.',
  overloaded: 'The service has no capacity right now: try again in a few minutes, or use another model.',
};

/** What a caller can do when the context was filled by the answer, of which a part is there. */
export const answerFilledHint =
  'Keep what was answered so far, and ask for the rest in a fresh session that needs less context.';

import type { Limit, LimitKind } from '@cc-executor/protocol';
import type { ClaudeFacts, TurnFacts } from './facts.ts';
import { answerFilledHint, limitHints } from './limit-hints.ts';

const CONTEXT_ENDS = new Set(['prompt_too_long', 'blocking_limit', 'rapid_refill_breaker']);
const CONTEXT_ERRORS = new Set(['message_over_context_limit', 'autocompact_thrashing']);
const BILLING_ERRORS = new Set(['long_context_credits_required', 'model_requires_usage_credits']);
const AUTH_ERRORS = new Set([
  'authentication_failed',
  'oauth_org_not_allowed',
  'account_on_hold',
  'verification_required',
  'cloud_credential_error',
  'org_disabled_credential',
  'api_key_auth_disabled',
]);

/**
 * The limit that ended a turn, or undefined when it was none. Only fields that the CLI fills in itself count;
 * the words of an answer or of a tool never do.
 */
export function limitOf(facts: ClaudeFacts, turn: TurnFacts): Limit | undefined {
  if (!turn.isError) return undefined;
  const kind = kindOf(facts, turn);
  if (kind === undefined) return undefined;
  const httpStatus = turn.apiErrorStatus ?? facts.apiError?.status;
  const filledBy = kind === 'context' ? filledByOf(facts) : undefined;
  return {
    kind,
    message: turn.message,
    hint: filledBy === 'answer' ? answerFilledHint : limitHints[kind],
    ...(filledBy !== undefined && { filledBy }),
    ...(kind === 'usage' && windowOf(facts)),
    ...(httpStatus !== undefined && Number.isSafeInteger(httpStatus) && { httpStatus }),
    ...(kind === 'turns' && { numbers: { turns: turn.turns } }),
    ...(kind === 'budget' && { numbers: { costUsd: facts.result.costUsd } }),
  };
}

function kindOf(facts: ClaudeFacts, turn: TurnFacts): LimitKind | undefined {
  const { error, cut } = facts.apiError ?? {};
  const apiError = turn.apiError ?? facts.apiError?.apiError ?? '';
  const status = turn.apiErrorStatus ?? facts.apiError?.status;
  const has = (names: ReadonlySet<string>): boolean => names.has(apiError) || names.has(error ?? '');

  if (turn.subtype === 'error_max_turns') return 'turns';
  if (turn.subtype === 'error_max_budget_usd') return 'budget';
  if (CONTEXT_ENDS.has(turn.terminalReason ?? '') || has(CONTEXT_ERRORS)) return 'context';
  if (apiError === 'usage_limit_reached' || (status === 429 && isWindowClosed(facts))) return 'usage';
  if (has(BILLING_ERRORS)) return 'billing';
  if (status === 429 || error === 'rate_limit') return 'rate';
  if (apiError === 'max_output_tokens') return cut === 'context_window' ? 'context' : 'output';
  if (error === 'billing_error' || status === 402) return 'billing';
  if (has(AUTH_ERRORS) || status === 401 || status === 403) return 'auth';
  const isOverloaded = error === 'overloaded' || turn.apiErrorType === 'overloaded_error';
  return status === 529 || isOverloaded ? 'overloaded' : undefined;
}

/** The CLI says of an answer that it was cut by the window; all else is a prompt, with its history, that did not fit. */
function filledByOf({ apiError }: ClaudeFacts): 'prompt' | 'answer' {
  return apiError?.cut === 'context_window' ? 'answer' : 'prompt';
}

/** A 429 without a time to reset is a passing one; with overage the closed window stops nobody. */
function isWindowClosed({ usageWindow }: ClaudeFacts): boolean {
  return (
    usageWindow?.status === 'rejected' &&
    usageWindow.resetsAt !== undefined &&
    usageWindow.isUsingOverage !== true
  );
}

function windowOf({ usageWindow }: ClaudeFacts): Pick<Limit, 'resetsAt' | 'window' | 'numbers'> {
  return {
    ...(usageWindow?.resetsAt !== undefined && { resetsAt: usageWindow.resetsAt }),
    ...(usageWindow?.window !== undefined && { window: usageWindow.window }),
    ...(usageWindow?.utilization !== undefined && { numbers: { utilization: usageWindow.utilization } }),
  };
}

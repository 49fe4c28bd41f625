import { text } from './answers.ts';
import type { Reply } from './reply.ts';

/** State of a subscription's usage windows. */
export interface UsageOptions {
  /** @default rejected */
  readonly status?: 'allowed' | 'allowed_warning' | 'rejected';
  /** When the window starts anew, in seconds since 1970. @default in two hours */
  readonly resetsAtEpochS?: number;
  /** @default five_hour */
  readonly window?: 'five_hour' | 'seven_day';
}

/**
 * An answer with the headers that tell a subscription about its usage; `rejected` refuses the request.
 * The CLI heeds them only when it is signed in with a subscription token.
 */
export function usageLimit(options: UsageOptions = {}): Reply {
  const { status = 'rejected', window = 'five_hour' } = options;
  const reset = options.resetsAtEpochS ?? Math.floor(Date.now() / 1000) + 7200;
  const prefix = 'anthropic-ratelimit-unified';
  const meant = window === 'five_hour' ? '5h' : '7d';
  const other = window === 'five_hour' ? '7d' : '5h';
  const headers: Record<string, string> = {
    [`${prefix}-status`]: status,
    [`${prefix}-reset`]: String(reset),
    [`${prefix}-representative-claim`]: window,
    [`${prefix}-overage-status`]: 'rejected',
    [`${prefix}-${meant}-status`]: status,
    [`${prefix}-${meant}-reset`]: String(reset),
    [`${prefix}-${meant}-utilization`]: status === 'allowed' ? '0.3' : status === 'rejected' ? '1' : '0.91',
    [`${prefix}-${other}-status`]: 'allowed',
    [`${prefix}-${other}-reset`]: String(reset + 400_000),
    [`${prefix}-${other}-utilization`]: '0.4',
  };
  if (status === 'allowed_warning') headers[`${prefix}-${meant}-surpassed-threshold`] = '0.9';
  if (status !== 'rejected') return { ...text(), headers };
  const message = "This request would exceed your account's rate limit. Please try again later.";
  return { kind: 'error', status: 429, type: 'rate_limit_error', message, headers };
}

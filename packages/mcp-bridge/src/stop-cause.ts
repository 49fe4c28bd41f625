/** Why a call was stopped from outside. `closed`: the client is gone, or the bridge ends. */
export type StopCause = 'timeout' | 'user' | 'closed';

/**
 * Reads the reason of a cancellation. Clients put it in words only, such as `SdkError: Request timed out` or
 * `AbortError: user-cancel`; without a word of time it is the user's wish.
 */
export function cancellationCause(reason: unknown): StopCause {
  const text = reason instanceof Error ? reason.message : String(reason);
  return /time[ds]?[ -]?out/i.test(text) ? 'timeout' : 'user';
}

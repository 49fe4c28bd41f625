import { closeCodes, RpcError } from '@cc-executor/protocol';
import { isClientError } from './client-error.ts';

/** Wait before the first try after a loss, in milliseconds; it doubles with each try. */
const FIRST_PAUSE_MS = 100;
/** Longest wait between two tries, in milliseconds. */
export const MAX_PAUSE_MS = 5_000;
/** Longest time without a connection, unless asked otherwise, in milliseconds. */
export const DEFAULT_GIVE_UP_MS = 60_000;

/** How to come back after a connection was lost. */
export interface ReconnectOptions {
  /** Longest time without a connection, in milliseconds. Then what waits fails with `connectionLost`. @default 60 000 */
  readonly giveUpMs?: number;
  /** Called when the connection is lost and the client tries to come back, and when there is one again. */
  readonly onChange?: (isConnected: boolean) => void;
}

/** Wait before a try, the first being 0, with a jitter that keeps many clients from coming back at once. */
export function pauseBefore(attempt: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS);
  return pauseMs * (0.5 + Math.random() / 2);
}

/** Codes after which a new connection would end in the same way, or is not wanted. */
const finalCloseCodes: ReadonlySet<number> = new Set([
  closeCodes.goingAway,
  closeCodes.policyViolation,
  closeCodes.frameTooLarge,
  closeCodes.internalError,
  // Our own: the peer does not speak the protocol.
  4400,
]);

/** Whether it makes sense to come back after a connection was closed with this code. */
export function comesBack(closeCode: number): boolean {
  return !finalCloseCodes.has(closeCode);
}

/** Whether another try to connect may succeed where this one has failed. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof RpcError) return error.retry === 'later';
  if (isClientError(error, 'connectionLost')) return comesBack(error.data.closeCode);
  // A server or a proxy that cannot serve right now; below 500 it is the request that is wrong.
  if (isClientError(error, 'handshakeRefused')) return error.data.httpStatus >= 500;
  return isClientError(error, 'connectFailed') || isClientError(error, 'timedOut');
}

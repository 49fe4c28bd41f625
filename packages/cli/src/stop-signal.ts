import type { SignalSource } from './command-context.ts';

/**
 * Aborts on the first SIGINT or SIGTERM. With nobody listening any more, a second one ends the process at
 * once.
 */
export function stopSignal(signals: SignalSource): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stopListening = (): void => {
    signals.off('SIGINT', onSignal);
    signals.off('SIGTERM', onSignal);
  };
  const onSignal = (): void => {
    stopListening();
    controller.abort();
  };
  signals.on('SIGINT', onSignal);
  signals.on('SIGTERM', onSignal);
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}

/** Resolves when a signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}

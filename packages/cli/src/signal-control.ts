import type { ExecutorClient } from '@cc-executor/client';
import type { SignalSource } from './command-context.ts';

/** What signals reach. */
export interface SignalControlOptions {
  readonly signals: SignalSource;
  readonly client: Pick<ExecutorClient, 'control' | 'isConnected'>;
  /** Resolves once the executor knows the job; a control before that would find nothing. */
  readonly jobStarted: Promise<{ readonly jobId: string }>;
  /** Called when a first SIGINT interrupts. */
  readonly onInterrupt: () => void;
  /** Called when the job is to be cancelled and there is no connection: nothing keeps us any longer. */
  readonly onUnreachable: () => void;
}

/**
 * While it lasts, signals go to the job instead of ending us: a first SIGINT interrupts it, a second one and
 * SIGTERM cancel it, whatever comes then kills it at once.
 */
export function controlBySignals(options: SignalControlOptions): Disposable {
  const { signals, client, jobStarted, onInterrupt, onUnreachable } = options;
  let cancels = 0;
  let isInterrupted = false;
  const control = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      await jobStarted;
      await action();
    } catch {
      // The job has ended, was refused or the connection is lost: whoever follows the job tells.
    }
  };
  const cancel = (): void => {
    if (!client.isConnected) {
      onUnreachable();
      return;
    }
    const graceMs = cancels === 0 ? {} : { graceMs: 0 };
    cancels += 1;
    void control(async () => client.control((await jobStarted).jobId, 'cancel', graceMs));
  };
  const onSigint = (): void => {
    if (isInterrupted) {
      cancel();
      return;
    }
    isInterrupted = true;
    onInterrupt();
    void control(async () => client.control((await jobStarted).jobId, 'interrupt'));
  };
  signals.on('SIGINT', onSigint);
  signals.on('SIGTERM', cancel);
  return {
    [Symbol.dispose]: () => {
      signals.off('SIGINT', onSigint);
      signals.off('SIGTERM', cancel);
    },
  };
}

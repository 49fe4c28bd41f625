import { z } from 'zod';

/** Requests of the classic profile, an older and simpler protocol at its own path. */
export const ClassicExecuteParams = z.object({
  /** A shell line, run by bash, subject to policy. */
  command: z
    .string()
    .min(1)
    .max(1024 * 1024)
    .refine((line) => !line.includes('\0'), 'must not contain NUL'),
  /** Seconds. @default the executor's default for commands */
  timeout: z
    .number()
    .positive()
    .max(14 * 24 * 3600)
    .nullish(),
});
export type ClassicExecuteParams = z.infer<typeof ClassicExecuteParams>;

export const ClassicControlParams = z.object({ type: z.enum(['PAUSE', 'RESUME', 'CANCEL']) });
export type ClassicControlParams = z.infer<typeof ClassicControlParams>;

/** What the executor sends in the classic profile. */
export type ClassicNotification =
  | { readonly method: 'connected'; readonly params: { readonly sessionId: string } }
  | { readonly method: 'statusUpdate'; readonly params: ClassicStatus }
  | {
      readonly method: 'output';
      readonly params: { readonly type: 'stdout' | 'stderr'; readonly content: string };
    }
  | { readonly method: 'error'; readonly params: { readonly message: string } };

export type ClassicStatus =
  | { readonly status: 'RUNNING'; readonly pid: number }
  | { readonly status: 'PAUSED' }
  | { readonly status: 'COMPLETED'; readonly exit_code: number }
  | { readonly status: 'CANCELLED' };

import { z } from 'zod';

/**
 * Limits that the operating system holds every process of a job to. Each counts for one process, not for their
 * sum. Left out: as the executor itself has it.
 */
export const ResourceLimits = z.strictObject({
  /** Files, sockets and pipes open at once. */
  openFiles: z.int().min(32).max(1_048_576).optional(),
  /** Size of a core dump; 0 for none. */
  coreBytes: z.int().min(0).optional(),
  /** Size of any file written; beyond it the process gets SIGXFSZ. */
  fileBytes: z.int().min(0).optional(),
  /** Processor time; at it the process gets SIGXCPU, a second later SIGKILL. */
  cpuSeconds: z
    .int()
    .min(1)
    .max(365 * 24 * 3600)
    .optional(),
  /** Heap and other private writable memory. Node needs about 1 GiB to start. */
  dataBytes: z
    .int()
    .min(16 * 1024 * 1024)
    .optional(),
});
export type ResourceLimits = z.infer<typeof ResourceLimits>;

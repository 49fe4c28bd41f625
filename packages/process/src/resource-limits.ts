import { ProcessError } from './errors.ts';

/** With fewer, the programs in between cannot open what they need. */
const fewestOpenFiles = 32;

/** Limits that the operating system holds every process of a tree to. Each counts for one process, not for their sum. */
export interface ResourceLimits {
  /** Files, sockets and pipes open at once. From 32. */
  readonly openFiles?: number;
  /** Size of a core dump, in bytes; 0 for none. */
  readonly coreBytes?: number;
  /** Size of any file written, in bytes: beyond it the process gets SIGXFSZ. */
  readonly fileBytes?: number;
  /** Processor time, in whole seconds: at it the process gets SIGXCPU, a second later SIGKILL. */
  readonly cpuSeconds?: number;
  /** Heap and other private writable memory, in bytes. Node needs about 1 GiB to start. */
  readonly dataBytes?: number;
}

/** Refuses what is no limit. @throws ProcessError `badArgument`. */
export function checkLimits(limits: ResourceLimits): void {
  for (const [name, value] of Object.entries(limits) as [keyof ResourceLimits, number | undefined][]) {
    const least = name === 'openFiles' ? fewestOpenFiles : 0;
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) continue;
    const argument = `limits.${name}`;
    throw new ProcessError(
      'badArgument',
      `${argument} must be a whole number from ${least} up, not ${value}.`,
      {
        argument,
      },
    );
  }
}

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

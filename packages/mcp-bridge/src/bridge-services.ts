import type { ExecutorLink } from './executor-link.ts';

/** What the tools work with. */
export interface BridgeServices {
  readonly link: ExecutorLink;
  /** Where jobs work unless they are told, and what relative paths start from. Absolute. */
  readonly cwd: string;
  readonly log: (line: string) => void;
}

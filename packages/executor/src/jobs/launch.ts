import type { ClaudePlan } from '@cc-executor/claude';
import type { TreeSpec } from '@cc-executor/process';

/** Everything decided about a job before it is queued: it may run, and this is how. */
export type Launch =
  | { readonly kind: 'command'; readonly tree: Omit<TreeSpec, 'id'> }
  | {
      readonly kind: 'claude';
      readonly tree: Omit<TreeSpec, 'id'>;
      readonly plan: ClaudePlan;
      /** Holds the files of the plan; removed when the job ends. */
      readonly scratchPath: string;
    };

import type { Ward } from './ward.ts';

/**
 * What the executor tells the guardian, one JSON line each. Those with a number are answered with it once they are
 * on disk. `replace` gives all the trees there are: to a guardian that follows another one.
 */
export type Order =
  | { readonly number: number; readonly add: Ward }
  | { readonly number: number; readonly replace: readonly Ward[] }
  | { readonly remove: string };

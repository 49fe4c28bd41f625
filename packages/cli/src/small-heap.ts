import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage sooner instead of growing its heap. An executor lives for days beside the jobs that need the
 * memory, and what it holds is small; left alone, the heap grows to several times that, which every fork pays for.
 * The flag is looked at each time the heap is about to grow, so it may be set in a running process. Call it before
 * most of the code is loaded.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}

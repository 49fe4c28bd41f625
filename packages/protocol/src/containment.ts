import { z } from 'zod';

/**
 * How the processes of a job are kept together. `pidns`: in a pid namespace of their own, complete by construction.
 * `portable`: by walking the process table, which a determined program can escape.
 */
export const Containment = z.enum(['pidns', 'portable']);
export type Containment = z.infer<typeof Containment>;

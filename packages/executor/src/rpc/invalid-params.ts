import { RpcError } from '@cc-executor/protocol';
import type { z } from 'zod';

/** Problems that a reply names at most. */
const MAX_PROBLEMS = 10;

/** Parses what came over the wire. @throws RpcError `invalidParams` naming each problem and its place. */
export function parseParams<T>(method: string, schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => ({ path: path.join('.'), message }));
  const text = problems
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  throw new RpcError('invalidParams', `Invalid params of ${method}: ${text}`, { problems });
}

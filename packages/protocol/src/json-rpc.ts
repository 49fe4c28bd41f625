import { z } from 'zod';
import { ErrorObject } from './errors.ts';

/** Identity of a request within its connection. */
export const RequestId = z.union([z.string().max(256), z.number()]);
export type RequestId = z.infer<typeof RequestId>;

/** A request, or with no `id` a notification that gets no reply. */
export const Request = z.object({
  jsonrpc: z.literal('2.0'),
  id: RequestId.optional(),
  method: z.string().max(256),
  params: z.unknown().optional(),
});
export type Request = z.infer<typeof Request>;

/** A reply. `id` is null when the request could not be read. */
export const Response = z.union([
  z.object({ jsonrpc: z.literal('2.0'), id: RequestId, result: z.unknown() }),
  z.object({ jsonrpc: z.literal('2.0'), id: RequestId.nullable(), error: ErrorObject }),
]);
export type Response = z.infer<typeof Response>;

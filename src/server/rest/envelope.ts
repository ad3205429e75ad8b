/**
 * The shape of every REST answer:
 *   { "success": true, "data": …, "metadata": { "timestamp", "requestId" } }
 *   { "success": false, "error": { "code", "message", "issues"? }, "metadata": … }
 * `code` is tRPC's name of the error, and the status is the one that tRPC gives it. The timestamp is
 * ISO 8601.
 */
import { z } from 'zod';
import type { PublicError } from '../../api/errors.ts';

export const metadataSchema = z.object({
  timestamp: z.string().meta({ format: 'date-time' }),
  requestId: z.string().meta({ description: 'Also in the header x-request-id, and in the log' }),
});

export const failureSchema = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string().meta({ examples: ['NOT_FOUND'] }),
    message: z.string(),
    issues: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  }),
  metadata: metadataSchema,
});

export function success<Data>(data: Data, requestId: string) {
  return { success: true as const, data, metadata: metadataOf(requestId) };
}

export function failure(error: PublicError, requestId: string) {
  return { success: false as const, error, metadata: metadataOf(requestId) };
}

function metadataOf(requestId: string) {
  return { timestamp: new Date().toISOString(), requestId };
}

import { TRPCError } from '@trpc/server';

/** What a loader found; it says `undefined` for a confirmed absence, and the caller gets NOT_FOUND. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TRPCError({ code: 'NOT_FOUND', message: 'Not found' });
  return value;
}

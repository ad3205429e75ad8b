/** `greenroom/trpc`: cached queries and mutations, from your own tRPC procedure and scopes. */
export {
  createProcedures,
  type CachedQueryOptions,
  type CacheMark,
  type CallOptions,
  type ContextOf,
  type Part,
  type ProceduresOptions,
  type ScopedArgs,
  type Scopes,
} from '../procedures/index.ts';

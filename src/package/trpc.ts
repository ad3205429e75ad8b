/** `greenroom/trpc`: cached queries, cached actions and mutations, from your own tRPC procedure and scopes. */
export {
  createProcedures,
  type CachedActionOptions,
  type CachedQueryOptions,
  type CacheMark,
  type CallOptions,
  type ContextOf,
  type Part,
  type ProceduresOptions,
  type Reuse,
  type ScopedArgs,
  type Scopes,
} from '../procedures/index.ts';

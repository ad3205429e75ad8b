/** Cached procedures: what an application on tRPC imports. No domain word, no database, no HTTP. */
export { answerAtOnce, atOnceOf, type Admitted, type AtOnce } from './at-once.ts';
export { isCachedQuery } from './cached-queries.ts';
export {
  createProcedures,
  type CachedQueryOptions,
  type CallOptions,
  type ContextOf,
  type Part,
  type ProceduresOptions,
  type ScopedArgs,
  type Scopes,
} from './create-procedures.ts';
export { markOf, type CacheMark } from './mark.ts';
export { parsedOnce } from './parsed-once.ts';
export { present } from './present.ts';

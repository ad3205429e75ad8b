/** Cached procedures: what an application on tRPC imports. No domain word, no database, no HTTP. */
export { answerAtOnce, atOnceOf, type Admitted, type AtOnce, type Reads } from './at-once.ts';
export { isCachedQuery } from './cached-queries.ts';
export { createProcedures } from './create-procedures.ts';
export { markOf, type CacheMark } from './mark.ts';
export type {
  CachedActionOptions,
  CachedQueryOptions,
  CallOptions,
  ContextOf,
  Part,
  ProceduresOptions,
  ScopedArgs,
  Scopes,
} from './options.ts';
export { parsedOnce } from './parsed-once.ts';
export { present } from './present.ts';
export { reuseOf, type Reuse } from './reuse.ts';

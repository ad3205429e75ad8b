/** Which procedures are cached queries, for the wire path. A router keeps the procedures it is given. */
const known = new WeakSet<object>();

export function rememberCached<Procedure extends object>(procedure: Procedure): Procedure {
  known.add(procedure);
  return procedure;
}

export function isCachedQuery(procedure: object): boolean {
  return known.has(procedure);
}

/** The caches of a process by name: their keys, their counters, for how long their entries are good. */
import type { CacheOptions, KnownDefinition } from './cache.ts';
import { CacheError } from './errors.ts';
import { KeyMemo } from './key-memo.ts';
import { keyOf } from './key.ts';
import { checkFreshness, DEFAULT_FRESHNESS, type CacheFreshness } from './options.ts';
import { CacheStats } from './stats.ts';

export interface Registered {
  readonly definition: object;
  readonly keys: KeyMemo<unknown>;
  readonly stats: CacheStats;
  readonly freshness: CacheFreshness;
  enabled: boolean;
}

export interface Registry {
  /** Registers it when it is met first. Throws CacheError where two have one name. */
  of(definition: KnownDefinition): Registered;
  named(name: string): Registered | undefined;
  all(): ReadonlyMap<string, Registered>;
}

export function createRegistry(
  options: Pick<CacheOptions<never>, 'definitions' | 'freshness' | 'version'>,
): Registry {
  const { version } = options;
  const registered = new Map<string, Registered>();

  function of(definition: KnownDefinition): Registered {
    const { name } = definition;
    const known = registered.get(name);
    if (known?.definition === definition) return known;
    if (known) throw new CacheError('definition', `two caches are named ${name}`);
    const freshness = checkFreshness(name, {
      ...DEFAULT_FRESHNESS,
      ...definition.freshness,
      ...options.freshness?.[name],
    });
    const keys = new KeyMemo((args: unknown) => {
      const scope = definition.scope?.(args as never) ?? 'public';
      return keyOf({ version, name, scope, args });
    });
    const fresh = { definition, keys, stats: new CacheStats(), freshness, enabled: true };
    registered.set(name, fresh);
    return fresh;
  }

  for (const definition of options.definitions ?? []) of(definition);
  return { of, named: (name) => registered.get(name), all: () => registered };
}

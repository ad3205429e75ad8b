/**
 * Makes the cache: definitions are read through it, writes are told to it, and it does the rest. It
 * drives one member of the coherence protocol (coherence/) and adds what that does not know: keys,
 * frozen values, coverage of tables by tags, switches and statistics.
 *
 * A value given out is immutable and shared between callers. Errors of loaders reach the caller as
 * they are; `CacheError` is ours. Concurrency: safe to use from any number of calls at once.
 */
import { Beside } from './beside.ts';
import {
  ALL_CACHES,
  cacheTag,
  ownerTag,
  type Cache,
  type CacheOptions,
  type CacheRead,
} from './cache.ts';
import {
  CoherenceError,
  createMember,
  JITTER,
  run,
  startHeart,
  type Answer,
  type Entry,
  type Heart,
  type Loaded,
  type Looked,
  type Ports,
  type ReadRequest,
  type Resident,
} from './coherence/index.ts';
import { CacheError } from './errors.ts';
import { nameOfKey } from './key.ts';
import { openShared } from './open-shared.ts';
import {
  DEFAULT_FRESHNESS,
  ENTRY_BYTES_MAX,
  MEMORY_BYTES_MAX,
  TAGS_PER_ENTRY_MAX,
  type CacheDefinition,
} from './options.ts';
import { bytesOf, EntryRead, payloadOf, promiseOf, type Payload } from './payload.ts';
import { createRecall, EntryPlace } from './recall.ts';
import { createRegistry, type Registered } from './registry.ts';
import { seal, unseal } from './seal.ts';
import { routeStores } from './store-routes.ts';
import { adviseTtl } from './ttl-advice.ts';
import { MemoryStore } from './stores/memory-store.ts';

const IN_MEMORY = { outcome: 'hit', tier: 'l1' } as const;
const SHARED = { outcome: 'hit', tier: 'l2' } as const;

interface Sought {
  readonly cache: Registered;
  readonly key: string;
  /** What came of the look into the shared store; undefined: there was none. */
  readonly looked?: Looked;
}

interface Load {
  readonly name: string;
  /** Declared tags, with the tables' own and the cache's. */
  readonly tags: readonly string[];
  run(signal: AbortSignal): Promise<Loaded>;
}

export function createCache<Resources>(options: CacheOptions<Resources>): Cache<Resources> {
  const { coverage } = options;
  const { clock } = options.member;
  const registry = createRegistry(options);
  const distrusted = new Set<string>();
  const expired = new WeakSet<Resident>();
  let enabled = options.enabled ?? true;
  let since = clock.wallMs();
  let heart: Heart | undefined;
  // Without a database a start waits for its first renewal until somebody gives up.
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => undefined);

  const statsOf = (resident: Resident) =>
    registry.named((resident.entry.value as Payload).name)?.stats;
  const bytesMax = options.memory?.bytesMax ?? MEMORY_BYTES_MAX;
  const l1 = new MemoryStore<Resident>({
    ...options.memory,
    bytesMax,
    bytesOf: ({ entry }) => bytesOf(entry) + ((entry.value as Payload).beside?.bytes ?? 0),
    ownerOf: ({ entry }) => (entry.value as Payload).owner,
    onAdd: (resident, bytes) => statsOf(resident)?.resize(1, bytes),
    onRemove: (resident, bytes) => statsOf(resident)?.resize(-1, bytes),
    onGrow: (resident, bytes) => statsOf(resident)?.grow(bytes),
    onEvict: (resident) => statsOf(resident)?.count('evictions'),
  });
  const member = createMember({
    ...options.member,
    l1,
    emit(event) {
      if (event.type === 'dropped') {
        registry.named(nameOfKey(event.key))?.stats.count('invalidations');
      }
      options.onEvent?.(event);
    },
  });
  const shared = options.shared && openShared(options.shared);
  const store = shared && routeStores(shared);
  const { journal } = options;
  journal?.subscribe((message) => member.receive(message));
  const ports: Ports = {
    ...options.ports,
    ...(store ? { store } : {}),
    ...(journal ? { journal } : {}),
    load: (load, signal) => (load as Load).run(signal),
  };

  /** However many reads meet an expired entry before it is replaced, it expired once. */
  function countExpiration({ stats, freshness }: Registered, resident: Resident | undefined): void {
    if (!resident || resident.entry.validUntil > clock.wallMs() || expired.has(resident)) return;
    expired.add(resident);
    stats.count('expirations');
    // What ended sooner had an end of its own, or said that there is nothing.
    const { storedAt, validUntil, negative } = resident.entry;
    const byTtl = validUntil - storedAt >= (1 - JITTER) * freshness.ttlMs;
    if (byTtl && !negative) stats.recordExpired(clock.wallMs() - storedAt);
  }

  function prepare<Args, Value>(
    cache: Registered,
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Load {
    const owner = definition.owner?.(args);
    let known: readonly string[] | undefined;
    return {
      name: definition.name,
      // Not before they are asked for: what is found in the shared store has its own.
      get tags() {
        if (known) return known;
        const flushes = [cacheTag(definition.name), ALL_CACHES];
        if (owner !== undefined) flushes.push(ownerTag(owner));
        return (known = [...coverage.withTableTags(definition.tags(args)), ...flushes]);
      },
      async run(signal) {
        const declared = definition.tags(args);
        const scope = options.openLoad();
        const found: string[] = [];
        let keep = true;
        const began = performance.now();
        const value = await definition.load(args, {
          ...scope.resources,
          signal,
          depend: (...tags) => void found.push(...tags),
          doNotKeep: () => void (keep = false),
        });
        cache.stats.recordLoad(performance.now() - began);

        const touched = [...scope.touched()];
        const reason = coverage.uncovered([...declared, ...found], touched);
        if (reason !== undefined) {
          cache.stats.count('uncovered');
          const message = `${definition.name} cannot be cached: ${reason}`;
          if (options.strict) throw new CacheError('uncovered', message);
          options.onUncovered?.(definition.name, message);
        }
        const sealed = seal(value, definition.name);
        const tags = coverage.withTableTags([...declared, ...found]);
        // Its table tags alone would not do: a change of one row records that row's tags only.
        const tooManyTags = tags.length > TAGS_PER_ENTRY_MAX;
        if (tooManyTags) cache.stats.count('tooManyTags');
        const tooLarge = sealed.bytes > ENTRY_BYTES_MAX;
        if (tooLarge) cache.stats.count('tooLarge');
        const distrust = touched.some((table) => distrusted.has(table));
        if (value === undefined) cache.stats.count('negative');
        const end = value === undefined ? undefined : definition.validUntil?.(value);
        return {
          value: payloadOf(sealed, { owner, name: definition.name }),
          tags,
          negative: value === undefined,
          cacheable: keep && !tooLarge && !tooManyTags && !distrust && reason === undefined,
          bytes: sealed.bytes,
          ...(end ? { validUntil: end.getTime() } : {}),
        };
      },
    };
  }

  function answer<Value>(
    key: string,
    entry: Entry,
    how: Pick<Answer, 'outcome' | 'tier'>,
  ): CacheRead<Value> {
    const payload = entry.value as Payload;
    // Made once for an entry in memory: a hit then makes nothing.
    const repeats = how.outcome === 'hit' && how.tier === 'l1' && !payload.hasBinary;
    if (repeats && payload.hit) return payload.hit as CacheRead<Value>;
    payload.beside ??= new Beside((bytes) => {
      const resident = l1.get(key);
      return resident?.entry === entry && l1.grow(key, resident, bytes);
    });
    if (!repeats) return new EntryRead<Value>(entry, how);
    const place = new EntryPlace(registry.named(payload.name)!, key);
    const made = Object.freeze(new EntryRead<Value>(entry, { ...how, place }));
    payload.hit = made;
    return made;
  }

  /** All that a hit in memory takes: nothing is awaited, and nothing made. */
  function hit(cache: Registered, key: string): Entry | undefined {
    if (!enabled || !cache.enabled) return undefined;
    const entry = member.hit(key);
    if (entry) cache.stats.count('l1Hits');
    return entry;
  }

  function peek<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): CacheRead<Value> | undefined {
    const cache = registry.of(definition);
    if (!enabled || !cache.enabled) return undefined;
    const key = cache.keys.keyOf(args);
    const entry = member.hit(key);
    if (!entry || (entry.value as Payload).hasBinary) return undefined;
    return answer<Value>(key, entry, IN_MEMORY);
  }

  /** Neither this nor `get` is async: a hit then makes nothing that is not answered. */
  function read<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<CacheRead<Value>> {
    try {
      const cache = registry.of(definition);
      const key = cache.keys.keyOf(args);
      const entry = hit(cache, key);
      if (entry) return Promise.resolve(answer<Value>(key, entry, IN_MEMORY));
      return fetch({ cache, key }, definition, args);
    } catch (error) {
      return rejected(error);
    }
  }

  function get<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<Value | undefined> {
    try {
      const cache = registry.of(definition);
      const key = cache.keys.keyOf(args);
      const entry = hit(cache, key);
      if (entry) return promiseOf(entry) as Promise<Value | undefined>;
      return fetch<Args, Value>({ cache, key }, definition, args).then(({ value }) => value);
    } catch (error) {
      return rejected(error);
    }
  }

  /** What is no hit in memory: mostly one look into the shared store, for which nothing else is made. */
  async function fetch<Args, Value>(
    sought: Sought,
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<CacheRead<Value>> {
    const { cache, key } = sought;
    const look = store && enabled && cache.enabled ? member.look(key) : undefined;
    if (!look) return readThrough(sought, definition, args);
    let stored: Entry | undefined;
    let looked: Looked = { ok: true };
    try {
      stored = await store!.get(look.storeKey);
    } catch (error) {
      looked = { ok: false, error };
    }
    const entry = member.found(key, look, stored);
    if (!entry) return readThrough({ ...sought, looked }, definition, args);
    cache.stats.count('l2Hits');
    return answer<Value>(key, entry, SHARED);
  }

  async function readThrough<Args, Value>(
    { cache, key, looked }: Sought,
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<CacheRead<Value>> {
    const bypass = !enabled || !cache.enabled;
    if (!bypass) countExpiration(cache, l1.get(key));
    const load = prepare(cache, definition, args);
    const request: ReadRequest = {
      key,
      get tags() {
        return load.tags;
      },
      freshness: cache.freshness,
      load,
      bypass,
      // A mistake of ours is no failure of the source: grace must not hide it.
      isFailure: (error) => !(error instanceof CacheError),
      ...(looked ? { looked } : {}),
    };
    try {
      const { entry, outcome, tier } = await run(member.read(request), ports);
      cache.stats.count(counterOf(outcome, tier));
      return answer<Value>(key, entry, { outcome, tier });
    } catch (error) {
      cache.stats.count('errors');
      throw toCacheError(error, definition.name);
    }
  }

  return {
    read,
    peek,
    ...createRecall({ enabled: () => enabled, hit: (key) => member.hit(key) }),
    get,
    async fromSource(definition, args) {
      const load = prepare(registry.of(definition), definition, args);
      const { value } = await load.run(AbortSignal.timeout(DEFAULT_FRESHNESS.loadTimeoutMs));
      return unseal((value as Payload).sealed) as never;
    },
    async written(write) {
      await run(member.written(write), ports);
    },
    distrustTables(tables) {
      for (const table of tables) distrusted.add(table);
    },
    setEnabled(name, on) {
      if (name === undefined) {
        enabled = on;
        return;
      }
      const cache = registry.named(name);
      if (!cache) throw new CacheError('definition', `no cache is named ${name}`);
      cache.enabled = on;
    },
    report: () => ({
      enabled,
      since,
      caches: Array.from(registry.all(), ([name, cache]) => ({
        name,
        enabled: enabled && cache.enabled,
        ttlMs: cache.freshness.ttlMs,
        ...cache.stats.snapshot(),
      })),
      advice: Array.from(registry.all(), ([name, { freshness, stats }]) =>
        adviseTtl({ cache: name, ttlMs: freshness.ttlMs, ...stats.seen() }),
      ).filter((advice) => advice !== undefined),
      store: { entries: l1.entries, bytes: l1.bytes, bytesMax },
      shared: shared?.others?.counts(),
      sharedByCache: Object.fromEntries(
        Array.from(shared?.byCache ?? []).flatMap(([name, own]) =>
          own ? [[name, own.counts()] as const] : [],
        ),
      ),
      journal: journal?.status(),
      coherence: { ...member.status(), mode: options.member.mode },
    }),
    resetStats() {
      since = clock.wallMs();
      for (const cache of registry.all().values()) cache.stats.reset();
    },
    start() {
      heart ??= startHeart(member, ports);
      return Promise.race([heart.ready, closed.promise]);
    },
    async close() {
      closed.reject(new CacheError('closed', 'the cache was closed before its lease was held'));
      await heart?.stop();
    },
  };
}

async function rejected(error: unknown): Promise<never> {
  throw error;
}

function counterOf(outcome: Answer['outcome'], tier: Answer['tier']) {
  if (outcome === 'stale' || outcome === 'grace') return outcome;
  if (outcome === 'bypass') return 'bypassed';
  if (tier === 'flight') return 'joined';
  if (outcome === 'miss') return 'misses';
  return tier === 'l1' ? 'l1Hits' : 'l2Hits';
}

function toCacheError(error: unknown, name: string): unknown {
  if (!(error instanceof CoherenceError)) return error;
  switch (error.code) {
    case 'OVERLOADED':
      return new CacheError('overloaded', `${name}: too many loads are waiting`, { cause: error });
    case 'STOPPED':
      return new CacheError('closed', `${name}: the cache is closed`, { cause: error });
    default:
      return new CacheError('timeout', `${name}: the load took too long`, { cause: error });
  }
}

/**
 * Settings: defaults, names, and one clear line for each bad value.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config/env.ts';
import { variableNames } from '../../src/config/variables.ts';

describe('without any variable', () => {
  it('runs as production on the embedded database with the documented defaults', () => {
    const config = readConfig({});
    expect(config.nodeEnv).toBe('production');
    expect(config.http).toEqual({ host: '127.0.0.1', port: 3000, trustedOrigins: [] });
    expect(config.database.url).toBeUndefined();
    expect(config.redis).toBeUndefined();
    expect(config.seedDemo).toBeUndefined();
    expect(config.cache).toMatchObject({ enabled: true, coherence: 'lease', leaseMs: 2000 });
    expect(config.cache.ttlMs).toEqual({
      short: 300_000,
      medium: 3_600_000,
      long: 86_400_000,
      week: 604_800_000,
      scenes: 3_600_000,
      ai: 1_800_000,
      components: 86_400_000,
    });
    expect(config.limits).toEqual({ perMinute: 100, readsPerMinute: 3000, signInPerMinute: 20 });
  });

  it('takes an empty value for none, so that a copied .env.example changes nothing', () => {
    const empty = Object.fromEntries(variableNames.map((name) => [name, ' ']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });
});

test('.env.example and the program name the same variables, each once and with a comment', async () => {
  const lines = (await readFile(new URL('../../.env.example', import.meta.url), 'utf8')).split(
    '\n',
  );
  const explained: string[] = [];
  lines.forEach((line, index) => {
    const name = /^#?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1];
    if (name === undefined) return;
    expect(lines[index - 1], `${name} has no comment above it`).toMatch(/^#/);
    explained.push(name);
  });
  expect(explained.toSorted()).toEqual([...variableNames].toSorted());
});

test('every value that .env.example shows is accepted and, but for examples, the default', async () => {
  const text = await readFile(new URL('../../.env.example', import.meta.url), 'utf8');
  const shown = Object.fromEntries(
    [...text.matchAll(/^#([A-Z][A-Z0-9_]+)=(.*)$/gm)].map((m) => [m[1], m[2]]),
  );
  const { database, redis, http, admin, ...settings } = readConfig(shown);
  const { database: d, redis: r, http: h, admin: a, ...defaults } = readConfig({});
  expect(settings).toEqual(defaults);
  expect([database.dataDir, http.host, http.port]).toEqual([d.dataDir, h.host, h.port]);
  expect([redis, admin, r, a]).toEqual([
    { url: 'redis://localhost:6379' },
    undefined,
    undefined,
    undefined,
  ]);
});

const SECRET = 'not-for-the-terminal';

test.each([
  ['NODE_ENV', 'prod'],
  ['HOST', 'http://x'],
  ['PORT', '65536'],
  ['PORT', '3e3'],
  ['TRUSTED_ORIGINS', 'https://a.example, b.example'],
  ['TRUSTED_ORIGINS', 'https://a.example/path'],
  ['TRUST_PROXY', '0'],
  ['TRUST_PROXY', '33'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.1, proxy.example.com'],
  ['BETTER_AUTH_SECRET', SECRET],
  ['DATABASE_URL', `mysql://x:${SECRET}@h/db`],
  ['DATABASE_URL', SECRET],
  ['DATABASE_DIRECT_URL', `http://x:${SECRET}@h/db`],
  ['REDIS_URL', `localhost:6379/${SECRET}`],
  ['REDIS_HOST', 'redis://h'],
  ['REDIS_PORT', '0'],
  ['CACHE_ENABLED', 'maybe'],
  ['CACHE_LEASE_MS', '100'],
  ['CACHE_LEASE_MS', '2s'],
  ['COHERENCE', 'strong'],
  ['CACHE_MAX_MEMORY', '256 potatoes'],
  ['CACHE_MAX_MEMORY', '10'],
  ['CACHE_EVICTION_POLICY', 'lru'],
  ...['SCENES', 'AI', 'COMPONENTS', 'SHORT', 'MEDIUM', 'LONG', 'WEEK'].map(
    (name): [string, string] => [`CACHE_TTL_${name}`, '-1'],
  ),
  ['RATE_LIMIT_PER_MINUTE', '0'],
  ['RATE_LIMIT_READS_PER_MINUTE', '2147483648'],
  ['RATE_LIMIT_SIGN_IN_PER_MINUTE', '1.5'],
  ['SEED_DEMO', 'yes please'],
  ['LOG_LEVEL', 'loud'],
  ['ADMIN_EMAIL', 'admin'],
])('a bad %s (%s) stops with one line that names it', (name, value) => {
  let message = '';
  try {
    readConfig({ [name]: value });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    message = (error as Error).message;
  }
  expect(message).toMatch(new RegExp(`^${name} must [^\\n]+$`));
  expect(message).not.toContain(SECRET);
});

test('several bad values are named in the same line', () => {
  expect(() => readConfig({ PORT: 'x', COHERENCE: 'y' })).toThrow(/^PORT .*; COHERENCE .*$/);
});

test('the largest limit is accepted', () => {
  expect(readConfig({ RATE_LIMIT_PER_MINUTE: '2147483647' }).limits.perMinute).toBe(2 ** 31 - 1);
});

test('sizes are read in every unit', () => {
  const sizes = ['1048576', '2048kb', '256MB', '1 gb'].map(
    (size) => readConfig({ CACHE_MAX_MEMORY: size }).cache.memoryBytesMax,
  );
  expect(sizes).toEqual([2 ** 20, 2 ** 21, 2 ** 28, 2 ** 30]);
});

test('REDIS_HOST, REDIS_PORT and REDIS_PASSWORD make a URL, and REDIS_URL wins over them', () => {
  const parts = { REDIS_HOST: 'cache', REDIS_PORT: '7000', REDIS_PASSWORD: 'p@ss/word' };
  expect(readConfig(parts).redis).toEqual({ url: 'redis://:p%40ss%2Fword@cache:7000' });
  expect(readConfig({ ...parts, REDIS_URL: 'rediss://other' }).redis).toEqual({
    url: 'rediss://other',
  });
});

test('trusted origins lose their trailing slash and blanks', () => {
  const { trustedOrigins } = readConfig({
    TRUSTED_ORIGINS: 'https://a.example/, http://b:81',
  }).http;
  expect(trustedOrigins).toEqual(['https://a.example', 'http://b:81']);
});

test('proxies are counted, or named by address and network', () => {
  const read = (TRUST_PROXY: string) => readConfig({ TRUST_PROXY }).http.trustProxy;
  expect(readConfig({}).http.trustProxy).toBeUndefined();
  expect(read('2')).toBe(2);
  expect(read('127.0.0.1, fd00::/8')).toEqual([
    { address: '127.0.0.1', bits: 32 },
    { address: 'fd00::', bits: 8 },
  ]);
});

describe('what processes share', () => {
  it('is up to the program unless it is set', () => {
    const { store, storeOf, journal } = readConfig({}).cache;
    expect([store, storeOf.size, journal]).toEqual([undefined, 0, undefined]);
  });

  it('may be set, for single caches too', () => {
    const { cache, redis } = readConfig({
      REDIS_URL: 'redis://a:7000, redis://b:7001',
      CACHE_STORE: 'redis',
      CACHE_STORES: 'component.build=postgres, project.list=memory',
      CACHE_JOURNAL: 'postgres',
    });
    expect(redis).toEqual({ url: 'redis://a:7000,redis://b:7001' });
    expect(cache).toMatchObject({ store: 'redis', journal: 'postgres' });
    expect([...cache.storeOf]).toEqual([
      ['component.build', 'postgres'],
      ['project.list', 'memory'],
    ]);
  });

  it.each([
    [{ CACHE_STORE: 'redis' }, /^CACHE_STORE is redis, which needs REDIS_URL/],
    [{ CACHE_STORES: 'a=redis' }, /^CACHE_STORES is redis, which needs REDIS_URL/],
    [{ CACHE_JOURNAL: 'redis' }, /^CACHE_JOURNAL is redis, which needs REDIS_URL/],
    [{ CACHE_STORES: 'a=nowhere' }, /^CACHE_STORES must be caches with their stores/],
    [{ CACHE_STORES: 'postgres' }, /^CACHE_STORES must be caches with their stores/],
    [{ REDIS_URL: 'redis://a,http://b' }, /^REDIS_URL must be a URL that begins with redis:/],
  ])('cannot be what does not fit: %j', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });
});

/**
 * Every environment variable: how it is read, its bounds and its default. The person's
 * explanation is in `.env.example`; the typed result for the program is in `env.ts`.
 */
import { isIP } from 'node:net';
import { z } from 'zod';

/** A setting that can't be used. The message is one line, made for the terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'BAD_SETTING';
}

/** What PostgreSQL, timers and the limiter can all represent. */
const INTEGER_MAX = 2 ** 31 - 1;
/** Ten years: a TTL beyond it is a typing mistake. */
const TTL_SECONDS_MAX = 315_360_000;
/** A lease shorter than this expires in a normal pause of garbage collection or network. */
const LEASE_MS_MIN = 200;
/** A mutation may have to wait for one lease, so longer than a minute is a mistake. */
const LEASE_MS_MAX = 60_000;
/** Shorter secrets can be guessed; better-auth warns below the same length. */
const SECRET_CHARS_MIN = 32;

/** Whoever takes more wrong answers than one in five does not want a bound. */
const WRONG_MAX = 0.2;
/** The learned similarity keeps half a square of it. */
const DIMENSIONS_MAX = 2048;

const BYTES_PER_UNIT = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

function integer(min: number, max = INTEGER_MAX) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, error)
    .transform(Number)
    .pipe(z.number(error).min(min, error).max(max, error));
}

function share(max: number) {
  const error = `must be a number from 0 to ${max}, such as 0.01`;
  return z
    .string()
    .regex(/^\d(\.\d{1,6})?$/, error)
    .transform(Number)
    .pipe(z.number(error).max(max, error));
}

function oneOf<const T extends string>(values: readonly T[]) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

const FLAGS: Record<string, boolean> = { true: true, 1: true, false: false, 0: false };

const flag = z
  .string()
  .toLowerCase()
  .refine((text) => text in FLAGS, 'must be true or false')
  .transform((text) => FLAGS[text] === true);

const bytesError = 'must be a size from 1mb to 1024gb, such as 256mb';

const bytes = z
  .string()
  .toLowerCase()
  .regex(/^\d{1,13}\s*(b|kb|mb|gb)?$/, bytesError)
  .transform((text) => {
    const unit = (/[a-z]+$/.exec(text)?.[0] ?? 'b') as keyof typeof BYTES_PER_UNIT;
    return Number.parseInt(text, 10) * BYTES_PER_UNIT[unit];
  })
  .pipe(
    z
      .number()
      .min(BYTES_PER_UNIT.mb, bytesError)
      .max(1024 * BYTES_PER_UNIT.gb, bytesError),
  );

function isUrl(text: string, schemes: readonly string[]): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && parsed.host !== '' && schemes.includes(parsed.protocol.slice(0, -1));
}

function beginning(schemes: readonly string[]): string {
  return `begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
}

function url(...schemes: string[]) {
  return z
    .string()
    .refine((text) => isUrl(text, schemes), `must be a URL that ${beginning(schemes)}`);
}

/** Several are the nodes of one Cluster. */
function urls(...schemes: string[]) {
  return z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine(
      (list) => list.every((item) => isUrl(item, schemes)),
      `must be a URL that ${beginning(schemes)}, or several with commas between`,
    )
    .transform((list) => list.join(','));
}

const origins = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim().replace(/\/$/, '')))
  .refine(
    (list) => list.every((item) => URL.parse(item)?.origin === item),
    'must be origins separated by commas, such as https://studio.example.com',
  );

/** More proxies in a row than anybody has. */
const PROXIES_MAX = 32;
const proxiesError = `must be how many proxies stand in front, 1 to ${PROXIES_MAX}, or their addresses and networks, such as 10.0.0.0/8, with commas between`;

export interface Network {
  readonly address: string;
  /** Of the address, from the left: those that all of the network have. */
  readonly bits: number;
}

const proxies = z.string().transform((text, context): number | Network[] => {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count > 0 && count <= PROXIES_MAX) return count;
  return text.split(',').flatMap((item) => {
    const network = networkOf(item.trim());
    if (!network) context.addIssue({ code: 'custom', message: proxiesError });
    return network ?? [];
  });
});

function networkOf(text: string): Network | undefined {
  const [, address = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0) return undefined;
  const most = family === 4 ? 32 : 128;
  const bits = Number(given ?? most);
  return bits <= most ? { address, bits } : undefined;
}

const STORES = ['memory', 'redis', 'postgres'] as const;
export type StoreName = (typeof STORES)[number];
const storesError = `must be caches with their stores, such as component.build=postgres; a store is one of ${STORES.join(', ')}`;

/** `scene.list=postgres,component.build=memory` as a Map. */
const storesByCache = z.string().transform((text, context) => {
  const pairs = text.split(',').map((item) => item.trim().split('='));
  const isStore = (name: string | undefined): name is StoreName =>
    STORES.some((store) => store === name);
  const stores = new Map<string, StoreName>();
  for (const [cache, store, ...rest] of pairs) {
    if (cache && isStore(store) && rest.length === 0) stores.set(cache, store);
    else context.addIssue({ code: 'custom', message: storesError });
  }
  return stores;
});

const text = z.string();
const ttlSeconds = integer(1, TTL_SECONDS_MAX);
const limit = integer(1);

const variables = z.object({
  NODE_ENV: oneOf(['production', 'development', 'test']).default('production'),
  HOST: text.regex(/^[\w.:-]+$/, 'must be an address or a host name').default('127.0.0.1'),
  PORT: integer(0, 65_535).default(3000),
  TRUSTED_ORIGINS: origins.default([]),
  TRUST_PROXY: proxies.optional(),
  BETTER_AUTH_SECRET: text
    .min(SECRET_CHARS_MIN, `must have at least ${SECRET_CHARS_MIN} characters`)
    .optional(),
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  DATABASE_DIRECT_URL: url('postgres', 'postgresql').optional(),
  DATA_DIR: text.default('.data'),
  REDIS_URL: urls('redis', 'rediss').optional(),
  REDIS_HOST: text.regex(/^[\w.-]+$/, 'must be an address or a host name').optional(),
  REDIS_PORT: integer(1, 65_535).default(6379),
  REDIS_PASSWORD: text.optional(),
  CACHE_ENABLED: flag.default(true),
  CACHE_LEASE_MS: integer(LEASE_MS_MIN, LEASE_MS_MAX).default(2000),
  COHERENCE: oneOf(['lease', 'eventual']).default('lease'),
  CACHE_STORE: oneOf(STORES).optional(),
  CACHE_STORES: storesByCache.default(() => new Map()),
  CACHE_JOURNAL: oneOf(['none', 'redis', 'postgres']).optional(),
  CACHE_MAX_MEMORY: bytes.default(256 * BYTES_PER_UNIT.mb),
  CACHE_EVICTION_POLICY: oneOf([
    'noeviction',
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
  ]).optional(),
  CACHE_TTL_SCENES: ttlSeconds.default(3600),
  CACHE_TTL_AI: ttlSeconds.default(1800),
  CACHE_TTL_COMPONENTS: ttlSeconds.default(86_400),
  CACHE_TTL_SHORT: ttlSeconds.default(300),
  CACHE_TTL_MEDIUM: ttlSeconds.default(3600),
  CACHE_TTL_LONG: ttlSeconds.default(86_400),
  CACHE_TTL_WEEK: ttlSeconds.default(604_800),
  RATE_LIMIT_PER_MINUTE: limit.default(100),
  RATE_LIMIT_READS_PER_MINUTE: limit.default(3000),
  RATE_LIMIT_SIGN_IN_PER_MINUTE: limit.default(20),
  AI_BASE_URL: url('http', 'https').optional(),
  AI_API_KEY: text.optional(),
  AI_MODEL: text.max(200, 'must be at most 200 characters').optional(),
  AI_REUSE_MAX_WRONG: share(WRONG_MAX).default(0.01),
  AI_EMBEDDING_MODEL: text.max(200, 'must be at most 200 characters').optional(),
  AI_EMBEDDING_DIMENSIONS: integer(2, DIMENSIONS_MAX).default(1536),
  SEED_DEMO: flag.optional(),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ADMIN_EMAIL: text.regex(/^\S+@\S+$/, 'must be an e-mail address').optional(),
  ADMIN_PASSWORD: text.optional(),
});

export type Variables = z.infer<typeof variables>;
export type VariableName = keyof Variables;

export const variableNames = Object.keys(variables.shape) as VariableName[];

/** Their values are never quoted: a URL holds a password too. */
const SECRETS = new Set<string>([
  'BETTER_AUTH_SECRET',
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'AI_BASE_URL',
  'AI_API_KEY',
  'ADMIN_PASSWORD',
] satisfies VariableName[]);

/** Longer values are cut: the line stays one line. */
const QUOTED_CHARS_MAX = 60;

export function parseVariables(env: Record<string, string | undefined>): Variables {
  const given = Object.fromEntries(
    variableNames.map((name) => [name, env[name]?.trim() || undefined]),
  );
  const result = variables.safeParse(given);
  if (result.success) return result.data;
  const lines = new Map<string, string>();
  for (const issue of result.error.issues) {
    const name = String(issue.path[0]);
    if (!lines.has(name)) lines.set(name, `${name} ${issue.message}${quote(name, given[name])}`);
  }
  throw new ConfigError([...lines.values()].join('; '));
}

function quote(name: string, value: string | undefined): string {
  if (value === undefined || SECRETS.has(name)) return '';
  return `, not ${JSON.stringify(value.slice(0, QUOTED_CHARS_MAX))}`;
}

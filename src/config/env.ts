/**
 * The settings: the only reader of process.env, parsed when called, not at import.
 *
 * Every variable is declared once in `variables.ts` and explained in `.env.example`
 * (a test compares the two). An empty value counts as unset, so that a copied
 * `.env.example` changes nothing. A bad value throws ConfigError with one line that
 * names the variable and never quotes a secret. Durations are milliseconds, sizes bytes.
 */
import path from 'node:path';
import { SECOND } from './duration.ts';
import {
  ConfigError,
  type Network,
  type StoreName,
  type Variables,
  parseVariables,
} from './variables.ts';

export { ConfigError } from './variables.ts';

export interface Config {
  nodeEnv: 'production' | 'development' | 'test';
  http: {
    host: string;
    port: number;
    trustedOrigins: string[];
    /** How many proxies stand in front, or where they are; undefined: X-Forwarded-For is not believed */
    trustProxy: number | readonly Network[] | undefined;
  };
  /** undefined: the server makes one and keeps it in the data folder */
  auth: { secret: string | undefined };
  /** url undefined: the embedded server, with its data in dataDir */
  database: { url: string | undefined; directUrl: string | undefined; dataDir: string };
  /** Several addresses, separated by commas, are the nodes of one Cluster. */
  redis: { url: string } | undefined;
  cache: {
    enabled: boolean;
    coherence: 'lease' | 'eventual';
    leaseMs: number;
    /** What processes share; undefined: Redis where there is one, else nothing. */
    store: StoreName | undefined;
    /** The same for one cache, by its name. */
    storeOf: ReadonlyMap<string, StoreName>;
    /** How they tell each other of writes; undefined: Redis where there is one, else PostgreSQL. */
    journal: 'none' | 'redis' | 'postgres' | undefined;
    memoryBytesMax: number;
    /** what the Redis server is expected to have; undefined: not checked */
    evictionPolicy: string | undefined;
    ttlMs: {
      short: number;
      medium: number;
      long: number;
      week: number;
      scenes: number;
      ai: number;
      components: number;
    };
  };
  limits: { perMinute: number; readsPerMinute: number; signInPerMinute: number };
  /** Who decides on prompts and analyses what people write; undefined: rules, without any model */
  ai: { baseUrl: string; apiKey: string | undefined; model: string } | undefined;
  /** Bound on wrong reuses of similar prompts' answers, as a share of all prompts; 0: none is reused. */
  reuseMaxWrong: number;
  /** Who embeds texts; undefined: the local model */
  embeddings:
    { baseUrl: string; apiKey: string | undefined; model: string; dimensions: number } | undefined;
  /** undefined: the demo is seeded on the embedded database only */
  seedDemo: boolean | undefined;
  log: { level: string };
  /** As whom the cache:* scripts sign in; undefined: the demo's administrator */
  admin: { email: string; password: string } | undefined;
}

export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const values = parseVariables(env);
  const redis = redisOf(values);
  const uses = {
    CACHE_STORE: [values.CACHE_STORE],
    CACHE_STORES: [...values.CACHE_STORES.values()],
    CACHE_JOURNAL: [values.CACHE_JOURNAL],
  };
  for (const [name, used] of Object.entries(uses)) {
    if (redis === undefined && used.includes('redis')) {
      throw new ConfigError(`${name} is redis, which needs REDIS_URL or REDIS_HOST`);
    }
  }
  return {
    nodeEnv: values.NODE_ENV,
    http: {
      host: values.HOST,
      port: values.PORT,
      trustedOrigins: values.TRUSTED_ORIGINS,
      trustProxy: values.TRUST_PROXY,
    },
    auth: { secret: values.BETTER_AUTH_SECRET },
    database: {
      url: values.DATABASE_URL,
      directUrl: values.DATABASE_DIRECT_URL,
      dataDir: path.resolve(values.DATA_DIR),
    },
    redis,
    cache: {
      enabled: values.CACHE_ENABLED,
      coherence: values.COHERENCE,
      leaseMs: values.CACHE_LEASE_MS,
      store: values.CACHE_STORE,
      storeOf: values.CACHE_STORES,
      journal: values.CACHE_JOURNAL,
      memoryBytesMax: values.CACHE_MAX_MEMORY,
      evictionPolicy: values.CACHE_EVICTION_POLICY,
      ttlMs: {
        short: values.CACHE_TTL_SHORT * SECOND,
        medium: values.CACHE_TTL_MEDIUM * SECOND,
        long: values.CACHE_TTL_LONG * SECOND,
        week: values.CACHE_TTL_WEEK * SECOND,
        scenes: values.CACHE_TTL_SCENES * SECOND,
        ai: values.CACHE_TTL_AI * SECOND,
        components: values.CACHE_TTL_COMPONENTS * SECOND,
      },
    },
    limits: {
      perMinute: values.RATE_LIMIT_PER_MINUTE,
      readsPerMinute: values.RATE_LIMIT_READS_PER_MINUTE,
      signInPerMinute: values.RATE_LIMIT_SIGN_IN_PER_MINUTE,
    },
    ai: aiOf(values),
    reuseMaxWrong: values.AI_REUSE_MAX_WRONG,
    embeddings: embeddingsOf(values),
    seedDemo: values.SEED_DEMO,
    log: { level: values.LOG_LEVEL },
    admin:
      values.ADMIN_EMAIL !== undefined && values.ADMIN_PASSWORD !== undefined
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : undefined,
  };
}

/** The three names of the older notes make the same URL; REDIS_URL wins when both are set. */
function redisOf(values: Variables): Config['redis'] {
  if (values.REDIS_URL !== undefined) return { url: values.REDIS_URL };
  if (values.REDIS_HOST === undefined) return undefined;
  const password = values.REDIS_PASSWORD ? `:${encodeURIComponent(values.REDIS_PASSWORD)}@` : '';
  return { url: `redis://${password}${values.REDIS_HOST}:${values.REDIS_PORT}` };
}

function aiOf({
  AI_BASE_URL: baseUrl,
  AI_API_KEY: apiKey,
  AI_MODEL: model,
  AI_EMBEDDING_MODEL: embedding,
}: Variables): Config['ai'] {
  // An address alone may be that of the embedding model.
  if (model === undefined && (baseUrl === undefined || embedding !== undefined)) return undefined;
  if (baseUrl === undefined) throw new ConfigError('AI_MODEL needs AI_BASE_URL');
  if (model === undefined) throw new ConfigError('AI_BASE_URL needs AI_MODEL');
  return { baseUrl, apiKey, model };
}

function embeddingsOf(values: Variables): Config['embeddings'] {
  const { AI_BASE_URL: baseUrl, AI_API_KEY: apiKey, AI_EMBEDDING_MODEL: model } = values;
  if (model === undefined) return undefined;
  if (baseUrl === undefined) throw new ConfigError('AI_EMBEDDING_MODEL needs AI_BASE_URL');
  return { baseUrl, apiKey, model, dimensions: values.AI_EMBEDDING_DIMENSIONS };
}

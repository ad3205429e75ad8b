/**
 * Connections to Redis or Valkey (7 and later), to one server or to a Cluster, set so that a dead
 * or slow server fails a command at once instead of queueing it, and that they come back by
 * themselves, however long it takes.
 *
 * A single address may be a node of a Cluster: the first server that answers tells, and the client
 * is replaced by one that knows slots. Several addresses are a Cluster's. Subscribers have
 * connections of their own. RESP2, because a subscriber's replies and messages are then in one
 * well-tried shape, and nothing here needs RESP3.
 */
import { Cluster, Redis } from 'ioredis';
import { SECOND } from '../../config/duration.ts';
import { endWhenSilent } from './silence.ts';

export type RedisClient = Redis | Cluster;

export interface RedisConnection {
  /** The client to use now; it may be another one at the next call. */
  client(): RedisClient;
  readonly clustered: boolean;
  /** Takes new connections and lets go of the old ones, which may be dead without having closed. */
  reopen(): void;
  close(): void;
}

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`; several, separated by commas, are nodes of a Cluster. */
  readonly url: string;
  /** How long a command may take. Default 200 ms: then the database is the faster way. */
  readonly commandTimeoutMs?: number;
  /** Shown by CLIENT LIST. Default: greenroom. */
  readonly connectionName?: string;
  /** What goes wrong with connections; they mend by themselves. */
  readonly onError?: (error: Error) => void;
  /** A client was made, first or instead of another: the place to put listeners on it. */
  readonly onClient?: (client: RedisClient) => void;
}

const COMMAND_MS_MAX = 200;
const CONNECT_MS_MAX = 2 * SECOND;
/** A socket that owes replies and stays silent is dead, whatever TCP says. */
const SILENCE_MS_MAX = 2 * SECOND;
/** A server that is back is used within half a second. */
const RECONNECT_MS_MAX = 500;
/** A Cluster's new layout after a fail-over is noticed within this, if no MOVED tells sooner. */
const SLOTS_EVERY_MS = 2 * SECOND;
/** One more try, to follow a slot that moved; more would be waiting. */
const REDIRECTIONS_MAX = 2;

const backoff = (attempt: number): number => Math.min(RECONNECT_MS_MAX, 20 * 2 ** attempt);

export function connectRedis(options: RedisConnectionOptions): RedisConnection {
  const urls = options.url.split(',').map((part) => new URL(part.trim()));
  const onError = options.onError ?? (() => undefined);
  let closed = false;
  let clustered = urls.length > 1;
  let client: RedisClient = clustered ? openCluster() : openSingle();

  function settings() {
    return {
      ...credentials(urls[0]!),
      protocol: 2 as const,
      enableOfflineQueue: false,
      commandTimeout: options.commandTimeoutMs ?? COMMAND_MS_MAX,
      // What was sent into a connection that broke is failed, not sent again: it is late already.
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_MS_MAX,
      connectionName: options.connectionName ?? 'greenroom',
      // A master that was demoted behind one address: the address may lead to the new one by now.
      reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    };
  }

  function openSingle(): Redis {
    const { hostname, port, pathname } = urls[0]!;
    const database = Number(pathname.slice(1));
    const redis = new Redis({
      ...settings(),
      host: bare(hostname),
      port: Number(port || 6379),
      ...(database > 0 ? { db: database } : {}),
      retryStrategy: backoff,
    });
    endWhenSilent(redis, SILENCE_MS_MAX);
    redis.on('error', onError);
    redis.on('ready', () => void becomeClusterIfIsOne(redis));
    options.onClient?.(redis);
    return redis;
  }

  function openCluster(): Cluster {
    const nodes = urls.map(({ hostname, port }) => ({
      host: bare(hostname),
      port: Number(port || 6379),
    }));
    const cluster = new Cluster(nodes, {
      redisOptions: settings(),
      enableOfflineQueue: false,
      clusterRetryStrategy: backoff,
      // No `clusterNodeRetryStrategy`: with it a node that is away stays in the pool, out of which the
      // subscriber takes another at once, thousands of times a second when all are away.
      slotsRefreshInterval: SLOTS_EVERY_MS,
      slotsRefreshTimeout: CONNECT_MS_MAX,
      maxRedirections: REDIRECTIONS_MAX,
      // The address is used as it is written: TLS checks a name, not what it resolves to.
      dnsLookup: (address, callback) => callback(null, address),
    });
    cluster.on('+node', (node: Redis) => endWhenSilent(node, SILENCE_MS_MAX));
    cluster.on('error', onError);
    cluster.on('node error', onError);
    options.onClient?.(cluster);
    return cluster;
  }

  async function becomeClusterIfIsOne(redis: Redis): Promise<void> {
    try {
      const info = await redis.info('cluster');
      if (closed || client !== redis || !info.includes('cluster_enabled:1')) return;
      clustered = true;
      client = openCluster();
      redis.disconnect();
    } catch (error) {
      // Asked again when the connection is ready again.
      onError(error as Error);
    }
  }

  return {
    client: () => client,
    get clustered() {
      return clustered;
    },
    reopen() {
      if (closed) return;
      const before = client;
      client = clustered ? openCluster() : openSingle();
      before.disconnect();
    },
    close() {
      closed = true;
      client.disconnect();
    },
  };
}

function credentials(url: URL) {
  return {
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: { servername: bare(url.hostname) } } : {}),
  };
}

/** IPv6 addresses stand in brackets in a URL, and nowhere else. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/**
 * Which web origins may use the API with a cookie: those of TRUSTED_ORIGINS, and the server's own
 * address by any loopback name. Used alike by CORS, by the origin check of requests that change
 * something, and by better-auth. Knows no HTTP library.
 */
export interface Origins {
  trusts(origin: string): boolean;
}

/**
 * @param options.trusted  exact origins such as `https://studio.example.com`
 * @param options.port     the port listened on, read when asked: it is not known before `listen`
 */
export function createOrigins(options: {
  trusted: readonly string[];
  port: () => number;
}): Origins {
  const trusted = new Set(options.trusted.map((origin) => originOf(origin) ?? origin));
  return {
    trusts(origin) {
      const normal = originOf(origin);
      if (normal === undefined) return false;
      return trusted.has(normal) || isOwnLoopback(new URL(normal), options.port());
    },
  };
}

/** Scheme, host and port of a URL; undefined for what is none (such as the opaque `null`). */
function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  return origin === 'null' ? undefined : origin;
}

function isOwnLoopback(url: URL, port: number): boolean {
  return url.protocol === 'http:' && Number(url.port || 80) === port && isLoopback(url.hostname);
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

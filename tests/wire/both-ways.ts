/**
 * One request asked twice of the same server: of the wire path, and, with a parameter that it does
 * not know and tRPC ignores, of the official adapter. Which of them answered shows in the spelling
 * of a header that helmet writes with capitals.
 */
import { request, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface Asked {
  /** Path and query. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded. */
  readonly body: string;
  readonly by: 'wire' | 'official';
}

export function official(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}official=1`;
}

export function ask(url: string, { path, headers = {}, method = 'GET' }: Asked): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: decoded(Buffer.concat(chunks), response.headers['content-encoding']),
          by: response.rawHeaders.includes('content-security-policy') ? 'wire' : 'official',
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

function decoded(body: Buffer, encoding: string | undefined): string {
  if (encoding === 'br') return brotliDecompressSync(body).toString();
  return (encoding === 'gzip' ? gunzipSync(body) : body).toString();
}

/** What two answers to one question must share; the rest tells of the moment. */
export function comparable({ status, headers, body }: Got) {
  const { date: _date, 'x-request-id': id, ...rest } = headers;
  const { ratelimit, 'cache-status': cache, age: _age, vary, ...others } = rest;
  // Framing: the official adapter compresses larger answers as they are sent.
  const { 'transfer-encoding': _framing, ...same } = others;
  return {
    status,
    headers: {
      ...same,
      // A strong validator stands for the very bytes, and so does their number for compressed ones.
      'content-length': same['content-encoding'] ? undefined : same['content-length'],
      vary: vary?.toLowerCase().split(', ').toSorted(),
      ratelimit: ratelimit?.toString().replace(/r=\d+;t=\d+/, ''),
      'cache-status': cache?.toString().replace(/ttl=\S+/, ''),
    },
    body: typeof id === 'string' ? body.replaceAll(id, '<id>') : body,
  };
}

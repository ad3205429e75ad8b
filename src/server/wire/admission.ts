/**
 * Which requests the wire path takes: plain GETs with headers that mean the same to it as to the
 * layers it goes around (fastify, its plugins, tRPC's adapter). Whatever is unusual is theirs.
 * What was decided about a header's text is remembered, within bounds, since few texts make up
 * nearly all requests.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ENCODINGS, type Encoding } from './encoded.ts';

/** Whose pages may ask across origins, with credentials. */
export interface TrustedOrigins {
  trusts(origin: string): boolean;
}

export interface Admitted {
  /** What the answer may be compressed with; undefined: it may not. */
  readonly encoding: Encoding | undefined;
  /** Of a page at a trusted origin; undefined where no page asks across origins. */
  readonly origin: string | undefined;
}

/** Texts of one header that are remembered. */
const TEXTS_MAX = 200;
const TEXT_LENGTH_MAX = 200;
/** Names alone; weights and wildcards are left to the usual way. */
const PLAIN_ENCODINGS = /^[a-z]+(, ?[a-z]+)*$/;

export function createAdmission(
  origins: TrustedOrigins,
): (request: IncomingMessage) => Admitted | null {
  const admitted = new Map<string, Map<string, Admitted>>();
  const hosts = new Set<string>();

  function admit(accept: string, origin: string): Admitted | null {
    const known = admitted.get(accept)?.get(origin);
    if (known) return known;
    if (accept !== '' && !PLAIN_ENCODINGS.test(accept)) return null;
    if (origin !== '' && !origins.trusts(origin)) return null;
    const names = accept.split(',').map((name) => name.trim());
    const encoding = ENCODINGS.find((name) => names.includes(name));
    const fresh = { encoding, origin: origin === '' ? undefined : origin };
    if (accept.length + origin.length > TEXT_LENGTH_MAX) return fresh;
    if (admitted.size >= TEXTS_MAX) admitted.clear();
    const byOrigin = admitted.get(accept) ?? new Map<string, Admitted>();
    if (byOrigin.size >= TEXTS_MAX) byOrigin.clear();
    admitted.set(accept, byOrigin.set(origin, fresh));
    return fresh;
  }

  /** tRPC makes a URL of it, and refuses what is none. */
  function isHost(host: string | undefined): boolean {
    if (host === undefined) return true;
    if (hosts.has(host)) return true;
    if (host.length > TEXT_LENGTH_MAX || !URL.canParse('/', `http://${host}`)) return false;
    if (hosts.size >= TEXTS_MAX) hosts.clear();
    hosts.add(host);
    return true;
  }

  return ({ headers }) => {
    if (!isPlainQuery(headers) || !isHost(headers.host)) return null;
    return admit(headers['accept-encoding'] ?? '', headers.origin ?? '');
  };
}

function isPlainQuery(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  return (
    // A body, which nobody would read.
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    (type === undefined || type === 'application/json') &&
    // Streams, and whatever else tRPC may come to accept.
    headers['trpc-accept'] === undefined &&
    !headers.accept?.includes('jsonl') &&
    headers['x-no-compression'] === undefined &&
    headers.expect === undefined &&
    headers.upgrade === undefined
  );
}

/**
 * From which address a request comes. Behind reverse proxies that is the last one in X-Forwarded-For
 * that is no trusted proxy's (TRUST_PROXY); without the setting the header is anybody's claim, and the
 * connection's own address counts. The wire path and fastify's routes ask the same function.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Config } from '../config/env.ts';

export interface Sender {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export type AddressOf = (request: Sender) => string;

/** How many proxies stand in front, each of which appends to the header; or where they are. */
type TrustedProxies = NonNullable<Config['http']['trustProxy']>;

/** More proxies than anybody has in a row: of a longer header, the end is looked at. */
const HOPS_MAX = 32;

export function createAddressOf(proxies: TrustedProxies | undefined): AddressOf {
  const direct: AddressOf = ({ socket }) => socket.remoteAddress ?? '';
  if (proxies === undefined) return direct;
  const trusts = trustOf(proxies);
  return (request) => {
    const claimed = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    let address = direct(request);
    for (let hop = 0; hop < HOPS_MAX && trusts(address, hop); hop += 1) {
      const before = addressIn(claimed.pop());
      // What is no address a proxy has not written: the nearest that is known has to do.
      if (before === undefined) break;
      address = before;
    }
    return address;
  };
}

function trustOf(proxies: TrustedProxies): (address: string, hop: number) => boolean {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const list = new BlockList();
  for (const { address, bits } of proxies) list.addSubnet(address, bits, familyOf(address));
  return (address) => isIP(address) > 0 && list.check(address, familyOf(address));
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** Some proxies write the port behind it. */
function addressIn(claim: string | undefined): string | undefined {
  const text = claim?.trim() ?? '';
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) > 0 ? bare : undefined;
}

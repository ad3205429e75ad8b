/**
 * The server under fastify, with a place before it for the wire path: routing and hooks cost more
 * than a cached answer does.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Wire } from './wire/wire.ts';

export interface Front {
  /** As fastify itself makes its server. */
  createServer(handler: RequestListener, options: FastifyServerOptions): Server;
  /** From now on asked first. */
  use(wire: Wire): void;
}

export function createFront(): Front {
  /** `localhost` may be several addresses, each with a server of its own that fastify makes later. */
  const servers: Server[] = [];
  let wire: Wire | undefined;
  return {
    createServer(handler, options) {
      const server = createServer((request, response) => {
        if (!wire?.(request, response)) handler(request, response);
      });
      server.keepAliveTimeout = options.keepAliveTimeout ?? server.keepAliveTimeout;
      server.requestTimeout = options.requestTimeout ?? server.requestTimeout;
      server.setTimeout(options.connectionTimeout ?? 0);
      servers.push(server);
      wire?.watch(server);
      return server;
    },
    use(next) {
      wire = next;
      servers.forEach((server) => next.watch(server));
    },
  };
}

/** Of one answer alone, or of its connection. */
const OWN_HEADERS = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'vary',
  'x-request-id',
]);

/**
 * What plugins put on every answer (security headers): asked for, so that they are configured in
 * one place.
 */
export async function commonHeaders(app: FastifyInstance): Promise<[string, string][]> {
  const { headers } = await app.inject({ url: '/health/live' });
  return Object.entries(headers).flatMap(([name, value]) =>
    OWN_HEADERS.has(name) || value === undefined ? [] : [[name, String(value)]],
  );
}

/**
 * Probes. Live: the process answers. Ready: it may be given traffic, which takes a migrated and
 * seeded database and a lease (without one every read goes to the source).
 */
import type { FastifyInstance } from 'fastify';

export interface Readiness {
  readonly migrated: boolean;
  readonly seeded: boolean;
  readonly lease: boolean;
}

export function healthRoutes(app: FastifyInstance, readiness: () => Readiness): void {
  app.get('/health/live', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    return { status: 'live' };
  });
  app.get('/health/ready', async (_request, reply) => {
    const state = readiness();
    const ready = state.migrated && state.seeded && state.lease;
    void reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not ready', ...state };
  });
}

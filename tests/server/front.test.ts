/** The place before fastify's server, or servers: `localhost` may be two addresses. */
import type { Server } from 'node:http';
import { expect, test } from 'vitest';
import { createFront } from '../../src/server/front.ts';
import type { Wire } from '../../src/server/wire/wire.ts';

test('every server is watched, whether it was made before the wire path or after it', () => {
  const watched: Server[] = [];
  const wire: Wire = Object.assign(() => false, {
    watch: (server: Server) => void watched.push(server),
  });
  const front = createFront();
  const make = () => front.createServer(() => undefined, {});
  const before = make();
  expect(watched).toEqual([]);
  front.use(wire);
  const after = make();
  expect(watched).toEqual([before, after]);
});

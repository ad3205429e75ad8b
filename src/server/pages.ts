/**
 * The pages in the browser. For now one page that says what runs here; nothing in it comes from
 * elsewhere, so the content policy can forbid everything else.
 */
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const FOLDER = fileURLToPath(new URL('../web/', import.meta.url));
const PAGES = ['/', '/admin'];
const ASSETS = ['landing.css'];

export function pages(app: FastifyInstance): void {
  void app.register(async (scope) => {
    await scope.register(fastifyStatic, { root: FOLDER, serve: false });
    for (const page of PAGES) {
      scope.get(page, (_request, reply) => reply.sendFile('index.html', { maxAge: 0 }));
    }
    for (const asset of ASSETS) {
      scope.get(`/${asset}`, (_request, reply) => reply.sendFile(asset, { maxAge: 0 }));
    }
  });
}

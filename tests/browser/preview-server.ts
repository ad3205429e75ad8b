// A page that shows one built scene at a time, the way a preview does: an import map for the allowed
// modules, the built code as a module of its own, rendered with the props that came with it. Only
// what is listed here is served, so a scene that asks for anything else shows up as a failed request.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reactModules } from './react-modules.ts';

export interface PreviewServer {
  /** Where the scene of a name is shown. */
  pageOf(name: string): string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function servePreviews(codeByName: Map<string, string>): Promise<PreviewServer> {
  const react = await reactModules();
  const imports = Object.fromEntries([...react.keys()].map((name) => [name, `/modules/${name}`]));

  function page(name: string): string {
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${encodeURIComponent(name)}</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
<script type="importmap">${JSON.stringify({ imports })}</script></head>
<body><div id="root"></div><script type="module">
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import Scene, { sceneProps } from ${JSON.stringify(`/scenes/${encodeURIComponent(name)}`)};
createRoot(document.getElementById('root')).render(createElement(Scene, sceneProps));
</script></body></html>`;
  }

  function answerTo(path: string): { type: string; body: string } | undefined {
    const [, folder, ...rest] = path.split('/');
    const name = decodeURIComponent(rest.join('/'));
    if (folder === 'pages' && codeByName.has(name)) return { type: 'text/html', body: page(name) };
    const body = { modules: react, scenes: codeByName }[folder ?? '']?.get(name);
    return body === undefined ? undefined : { type: 'text/javascript', body };
  }

  const server = createServer((request, response) => {
    const answer = answerTo(request.url ?? '/');
    response.writeHead(answer ? 200 : 404, {
      'content-type': `${answer?.type ?? 'text/plain'}; charset=utf-8`,
    });
    response.end(answer?.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    pageOf: (name) => `http://127.0.0.1:${port}/pages/${encodeURIComponent(name)}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

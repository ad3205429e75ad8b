/**
 * A registry for npm that has what lies in this project's `node_modules`, and nothing else: what other
 * apps install is installed by npm itself, with no network.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const TARBALL = '.tar';
/** Of an archive; the largest is a compiler. */
const BYTES_MAX = 100 * 2 ** 20;

export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
  /** Packages that were downloaded. */
  readonly taken: ReadonlySet<string>;
}

export async function startLocalRegistry(modules: string): Promise<LocalRegistry> {
  const taken = new Set<string>();
  let url = '';

  /** What a registry says of a package. */
  async function describe(name: string): Promise<string> {
    const text = await readFile(path.join(modules, name, 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as { version: string };
    const { version } = manifest;
    const dist = { tarball: `${url}${name}${TARBALL}` };
    return JSON.stringify({
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, dist } },
    });
  }

  /** npm takes whatever the first folder in it is called. */
  async function archive(name: string): Promise<Buffer> {
    taken.add(name);
    const { dir, base } = path.parse(path.join(modules, name));
    const command = ['-cf', '-', `--exclude=${base}/node_modules`, '-C', dir, base];
    const options = { encoding: 'buffer', maxBuffer: BYTES_MAX } as const;
    return (await promisify(execFile)('tar', command, options)).stdout;
  }

  const server = createServer((request, response) => {
    const asked = decodeURIComponent(request.url?.slice(1) ?? '');
    const answer = asked.endsWith(TARBALL)
      ? archive(asked.slice(0, -TARBALL.length))
      : describe(asked);
    // Those for other machines are not here, and npm does without.
    answer.then(
      (body) => response.end(body),
      () => response.writeHead(404).end('{}'),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    taken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Stands between a client and PostgreSQL and cuts the connection at the commit: before the server
 * sees it, or after it has answered, so that the client never learns of it.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  /** The database's url through the proxy. */
  readonly url: string;
  /** Of the next connection that commits. */
  cut: 'before-commit' | 'after-commit' | undefined;
}

export async function openCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    let answerIsCut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk) => {
      if (proxy.cut && /\bcommit\b/i.test(chunk.toString('latin1'))) {
        if (proxy.cut === 'before-commit') {
          end();
          return;
        }
        answerIsCut = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (answerIsCut) end();
      else client.write(chunk);
    });
    client.on('close', end);
    upstream.on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const proxy: CuttingProxy = {
    url: url.href,
    cut: undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

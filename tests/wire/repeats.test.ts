/**
 * Connections on which requests that came before are answered around Node's HTTP: whatever comes over
 * them, in whatever pieces, is answered as by Node alone, in order and once.
 */
import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRepeats, NO_REPEATS, type AnswerAgain } from '../../src/server/wire/repeats.ts';

interface Served extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** Requests that Node has read. */
  read: number;
  /** Answers around it. */
  again: number;
}

interface ServeOptions extends ServerOptions {
  /** Default: at once, with `GET` and the URL. */
  readonly answer?: AnswerAgain;
  readonly watched?: boolean;
}

async function serve({ answer, watched = true, ...options }: ServeOptions = {}): Promise<Served> {
  const warnings: string[] = [];
  const opened = await createRepeats({
    answer: (exchange, sent) => {
      served.again += 1;
      return (answer ?? echo)(exchange, sent);
    },
    warn: (message) => void warnings.push(message),
  });
  expect(warnings).toEqual([]);
  const repeats = watched ? opened : NO_REPEATS;
  const server = createServer(options, (request, response) => {
    served.read += 1;
    const { method, url = '', headers } = request;
    // As the wire path: a GET of something that it knows.
    if (method === 'GET' && url.startsWith('/known')) {
      const meaning = { url, headers, plan: { batch: false, calls: [] }, admitted: NOTHING };
      repeats.learn(response, meaning);
    }
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => response.end(`${method} ${url} ${body}`));
  });
  repeats.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const served = {
    server,
    port: (server.address() as AddressInfo).port,
    read: 0,
    again: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return served;
}

const NOTHING = { encoding: undefined, origin: undefined };

const echo: AnswerAgain = (exchange) => {
  const body = `GET ${exchange.meaning.url} `;
  exchange.send({ status: 200, head: `content-length: ${body.length}\r\n`, body });
  return undefined;
};

interface Client extends Disposable {
  readonly socket: Socket;
  /** The bodies of the next so many answers, all of which have a length. */
  bodies(count: number): Promise<string[]>;
}

async function open({ port }: Served): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let got = '';
  socket.on('data', (chunk) => (got += String(chunk)));
  function next(): string | undefined {
    const end = got.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(got.slice(0, end + 2))?.[1]);
    if (end < 0 || got.length < end + 4 + length) return undefined;
    const body = got.slice(end + 4, end + 4 + length);
    got = got.slice(end + 4 + length);
    return body;
  }
  return {
    socket,
    async bodies(count) {
      const bodies: string[] = [];
      while (bodies.length < count) {
        const body = next();
        if (body !== undefined) bodies.push(body);
        else await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
      }
      return bodies;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

const get = (path: string, headers = '') =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`;
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

async function say({ socket, bodies }: Client, ...texts: string[]): Promise<string[]> {
  const got: string[] = [];
  for (const text of texts) {
    socket.write(text);
    got.push(...(await bodies(1)));
  }
  return got;
}

test('what came before is answered without Node, on whichever connection, after its first message', async () => {
  await using served = await serve();
  using first = await open(served);
  expect(await say(first, get('/known'), get('/known'))).toEqual(['GET /known ', 'GET /known ']);
  expect([served.read, served.again]).toEqual([1, 1]);
  using second = await open(served);
  await say(second, get('/known'), get('/known'));
  expect([served.read, served.again]).toEqual([2, 2]);
});

test('other bytes are other requests', async () => {
  await using served = await serve();
  using client = await open(served);
  await say(client, get('/known'), get('/known', 'cookie: a=1\r\n'), get('/known/'));
  expect([served.read, served.again]).toEqual([3, 0]);
});

test('a request that will not come again is not remembered', async () => {
  await using served = await serve();
  using client = await open(served);
  const traced = get('/known', 'x-request-id: 1\r\n');
  await say(client, traced, traced, traced);
  expect([served.read, served.again]).toEqual([3, 0]);
});

test('a mutation between two reads goes to Node, and the second read does not', async () => {
  await using served = await serve();
  using client = await open(served);
  const said = await say(client, get('/known'), post('/write', 'body'), get('/known'));
  expect(said).toEqual(['GET /known ', 'POST /write body', 'GET /known ']);
  expect([served.read, served.again]).toEqual([2, 1]);
});

test('what is not between messages is never taken for a request, although it looks like one', async () => {
  await using served = await serve();
  using client = await open(served);
  await say(client, get('/known'));
  const body = get('/known');
  // The body comes in a chunk of its own, which is to the byte a request that came before.
  client.socket.write(post('/write', body).slice(0, -body.length));
  await expect.poll(() => served.read).toBe(2);
  client.socket.write(body);
  expect(await client.bodies(1)).toEqual([`POST /write ${body}`]);
  expect(served.again).toBe(0);
});

test('after bodies in chunks, and requests before their answers, a connection is Node’s', async () => {
  await using served = await serve();
  using chunked = await open(served);
  const head = 'POST /write HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
  const said = await say(chunked, get('/known'), `${head}4\r\nbody\r\n0\r\n\r\n`, get('/known'));
  expect(said).toEqual(['GET /known ', 'POST /write body', 'GET /known ']);
  using pipelined = await open(served);
  pipelined.socket.write(get('/known') + get('/other') + get('/known'));
  expect(await pipelined.bodies(3)).toEqual(['GET /known ', 'GET /other ', 'GET /known ']);
  expect(await say(pipelined, get('/known'))).toEqual(['GET /known ']);
  expect(served.again).toBe(0);
});

test('two requests in one chunk are two, however often they come', async () => {
  await using served = await serve();
  for (let times = 0; times < 3; times += 1) {
    using client = await open(served);
    await say(client, get('/other'));
    client.socket.write(get('/known') + get('/other'));
    expect(await client.bodies(2)).toEqual(['GET /known ', 'GET /other ']);
  }
  expect(served.again).toBe(0);
});

const message = fc.oneof(
  fc.constantFrom('/known', '/known/2', '/other').map((path) => get(path)),
  fc.constantFrom('', 'x', get('/known')).map((body) => post('/write', body)),
);

/** In pieces that mostly come as chunks of their own. */
async function writeInPieces(socket: Socket, text: string, cuts: readonly number[]): Promise<void> {
  const places = cuts.map((cut) => cut % text.length).toSorted((a, b) => a - b);
  let from = 0;
  for (const to of [...places, text.length]) {
    if (to > from) socket.write(text.slice(from, to));
    from = Math.max(from, to);
    await new Promise(setImmediate);
  }
}

interface Traffic {
  readonly messages: readonly string[];
  readonly cuts: readonly number[];
  /** All of them before the first answer. */
  readonly pipelined: boolean;
}

async function answersTo(served: Served, { messages, cuts, pipelined }: Traffic) {
  using client = await open(served);
  client.socket.setNoDelay(true);
  if (pipelined) {
    await writeInPieces(client.socket, messages.join(''), cuts);
    return await client.bodies(messages.length);
  }
  const got: string[] = [];
  for (const text of messages) {
    await writeInPieces(client.socket, text, cuts);
    got.push(...(await client.bodies(1)));
  }
  return got;
}

test('any messages in any pieces are answered alike with and without it', async () => {
  await using watched = await serve();
  await using plain = await serve({ watched: false });
  const traffic = fc.record({
    messages: fc.array(message, { minLength: 1, maxLength: 8 }),
    cuts: fc.oneof(fc.constant([]), fc.array(fc.nat(1_000), { maxLength: 6 })),
    pipelined: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(traffic, async (said) => {
      expect(await answersTo(watched, said)).toEqual(await answersTo(plain, said));
    }),
    { numRuns: 200 },
  );
  expect(watched.again).toBeGreaterThan(20);
}, 60_000);

test('an answer that takes its time comes before the next, and the connection is not read meanwhile', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  await using served = await serve({
    answer: (exchange, sent) => {
      begun += 1;
      return begun === 1 ? promise.then(() => void echo(exchange, sent)) : echo(exchange, sent);
    },
  });
  using client = await open(served);
  await say(client, get('/known'), get('/known/2'));
  client.socket.write(get('/known'));
  await expect.poll(() => begun).toBe(1);
  client.socket.write(get('/known/2'));
  client.socket.write(get('/other'));
  await delay(50);
  expect(begun).toBe(1);
  resolve();
  expect(await client.bodies(3)).toEqual(['GET /known ', 'GET /known/2 ', 'GET /other ']);
});

test('one that nobody waits for any more is given up quietly', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  await using served = await serve({
    answer(exchange, sent) {
      begun += 1;
      return promise.then(() => void echo(exchange, sent));
    },
  });
  const client = await open(served);
  await say(client, get('/known'));
  client.socket.write(get('/known'));
  await expect.poll(() => begun).toBe(1);
  client.socket.destroy();
  resolve();
  using other = await open(served);
  expect(await say(other, get('/other'))).toEqual(['GET /other ']);
});

test('answers that a client does not read are not made without end', async () => {
  const body = 'x'.repeat(100_000);
  await using served = await serve({
    answer(exchange) {
      exchange.send({ status: 200, head: `content-length: ${body.length}\r\n`, body });
      return undefined;
    },
  });
  using client = await open(served);
  await say(client, get('/known'));
  client.socket.pause();
  for (let sent = 0; sent < 400; sent += 1) {
    client.socket.write(get('/known'));
    await new Promise(setImmediate);
  }
  await delay(100);
  const made = served.again;
  // What the two kernels buffer, and a little more; 400 would be 40 MB.
  expect(made).toBeLessThan(200);
  client.socket.resume();
  expect(await client.bodies(made)).toHaveLength(made);
});

test('a connection that only asks what came before outlives the time-out of a first request', async () => {
  const options = { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 50 };
  await using served = await serve(options);
  using client = await open(served);
  const until = performance.now() + 800;
  while (performance.now() < until) {
    expect(await say(client, get('/known'))).toEqual(['GET /known ']);
    await delay(20);
  }
  expect(served.read).toBe(1);
});

test('an idle one is closed as Node would, but not while it waits for its answer', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using served = await serve({
    answer: (exchange, sent) => promise.then(() => void echo(exchange, sent)),
    keepAliveTimeout: 100,
    keepAliveTimeoutBuffer: 0,
  });
  using client = await open(served);
  await say(client, get('/known'));
  client.socket.write(get('/known'));
  await delay(400);
  resolve();
  expect(await client.bodies(1)).toEqual(['GET /known ']);
  await once(client.socket, 'close', { signal: AbortSignal.timeout(5_000) });
});

test('a request that ends its connection ends it', async () => {
  await using served = await serve();
  using client = await open(served);
  await say(client, get('/known'), get('/known', 'connection: close\r\n'));
  await once(client.socket, 'close', { signal: AbortSignal.timeout(5_000) });
  expect(served.again).toBe(0);
});

test('where connections are upgraded, they are left alone', async () => {
  await using served = await serve();
  served.server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching\r\n\r\n'));
  using client = await open(served);
  await say(client, get('/known'), get('/known'));
  expect([served.read, served.again]).toEqual([2, 0]);
});

/**
 * Requests whose very bytes came before. Node's HTTP takes more of a cached answer's time than all else:
 * its parser calls into JavaScript, and of each request it makes two streams. But the same bytes, at the
 * beginning of a message, mean the same request. So what Node's parser once made of some bytes is
 * remembered by them, and when they come again the answer is written to the connection, without Node's
 * HTTP being asked. Nothing is parsed here: what was not read by Node in just these bytes is Node's.
 *
 * A connection is read by whoever may: its chunks come here, and are handed to Node's own listener
 * unless they are such a request. They may be only between messages: when Node has read exactly one
 * request since the last time, with its body, and its answer has been written. A connection on which
 * that cannot be told (a message in pieces that do not end with it, one sent before the answer to the
 * last, bodies in chunks) is Node's from then on. Its first message always is: only after one does Node
 * leave a connection alone between messages, but for its time-out, which every chunk here prolongs.
 *
 * That Node listens to 'data' of its connections and can be handed them by another listener is not
 * promised: it is tried at the start, and given up with a warning if it does not work.
 *
 * Concurrency: one answer at a time for each connection, which is not read meanwhile.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { SECOND } from '../../config/duration.ts';
import { RecentMap } from '../recent-map.ts';
import type { MaybeLater } from './answer.ts';
import type { Exchange, Meaning } from './exchange.ts';
import { createFrame, isPlain, type Answer, type Frame } from './send.ts';
import type { Sent } from './wire.ts';

/** @returns false: it was not answered, and nothing has happened */
export type AnswerAgain = (exchange: Exchange, sent: Sent) => MaybeLater | false;

export interface Repeats {
  watch(server: Server): void;
  /** Of a request that Node has just read, before it is answered. */
  learn(response: ServerResponse, meaning: Meaning): void;
}

export const NO_REPEATS: Repeats = { watch: () => undefined, learn: () => undefined };

interface RepeatsOptions {
  readonly answer: AnswerAgain;
  readonly warn: (message: string) => void;
}

/** Of one generation; some 2 KB each with what they mean. */
const KNOWN_MAX = 5_000;
/** Longer ones are not worth their memory: a URL with a cookie has some 500. */
const MESSAGE_BYTES_MAX = 2_048;
/** Of answers that a client does not read. */
const UNREAD_BYTES_MAX = 256 * 1_024;
const HEAD_END = '\r\n\r\n';
/** A request that has one of these, as proxies and clients that trace put in, will not come again. */
const ONLY_ONCE = [
  'x-request-id',
  'traceparent',
  'x-amzn-trace-id',
  'x-b3-traceid',
  'x-cloud-trace-context',
  'cf-ray',
];

export async function createRepeats(options: RepeatsOptions): Promise<Repeats> {
  if (await works().catch(() => false)) return openRepeats(options.answer);
  options.warn(
    'this version of Node.js reads connections in another way: each request is read by it, which ' +
      'makes cached answers over HTTP cost nearly twice as much',
  );
  return NO_REPEATS;
}

function openRepeats(answer: AnswerAgain): Repeats {
  const known = new RecentMap<string, Meaning>(KNOWN_MAX);
  const connections = new WeakMap<Socket, Connection>();
  const frame = createFrame();
  return {
    watch(server) {
      server.on('connection', (socket: Socket) => {
        // Who takes connections over expects them as Node has them.
        if (server.listenerCount('upgrade') + server.listenerCount('connect') > 0) return;
        const [read, ...others] = socket.listeners('data') as OnData[];
        if (!read || others.length > 0) return;
        connections.set(socket, new Connection({ server, socket, read, known, answer, frame }));
      });
      server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
        connections.get(request.socket)?.noteRequest(request, response),
      );
    },
    learn(response, meaning) {
      connections.get(response.socket!)?.learn(response, meaning);
    },
  };
}

type OnData = (chunk: Buffer) => void;

interface ConnectionParts {
  readonly server: Server;
  readonly socket: Socket;
  /** Node's. */
  readonly read: OnData;
  readonly known: RecentMap<string, Meaning>;
  readonly answer: AnswerAgain;
  readonly frame: Frame;
}

/** What Node has been given since the connection was last between messages. */
interface Given {
  /** While Node reads the first of it. */
  first: { readonly chunk: Buffer; readonly text: string | undefined } | undefined;
  bytes: number;
  /** What the one request in it has, with its body; NaN where that can't be told. */
  bytesDue: number;
}

class Connection {
  readonly #parts: ConnectionParts;
  readonly #onData = (chunk: Buffer): void => this.#take(chunk);
  /** Undefined: it is between messages. At first it is not: Node's time-out would end it. */
  #given: Given | undefined = { first: undefined, bytes: 0, bytesDue: 0 };

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { socket, read } = parts;
    socket.off('data', read);
    socket.on('data', this.#onData);
  }

  #take(chunk: Buffer): void {
    const given = this.#given;
    if (given && given.bytes > 0) {
      given.bytes += chunk.length;
      if (!(given.bytes <= given.bytesDue)) this.#giveUp();
      this.#parts.read(chunk);
      return;
    }
    const text = chunk.length <= MESSAGE_BYTES_MAX ? chunk.toString('latin1') : undefined;
    if (!given && text !== undefined) {
      const meaning = this.#parts.known.get(text);
      if (meaning && this.#answer(meaning)) return;
    }
    this.#give(chunk, text);
  }

  #give(chunk: Buffer, text: string | undefined): void {
    const given: Given = { first: { chunk, text }, bytes: chunk.length, bytesDue: Number.NaN };
    this.#given = given;
    // If the head of a request is whole, Node tells of it meanwhile.
    this.#parts.read(chunk);
    given.first = undefined;
  }

  noteRequest(request: IncomingMessage, response: ServerResponse): void {
    const given = this.#given;
    if (!given) return;
    // Of a second one in a chunk this comes to less than was given, as its head is not in it.
    given.bytesDue = given.first ? bytesOf(request, given.first.chunk) : Number.NaN;
    response.once('close', () => {
      const isOver = given.bytes === given.bytesDue && request.complete;
      if (isOver && this.#given === given) this.#given = undefined;
    });
  }

  learn(response: ServerResponse, meaning: Meaning): void {
    const { first, bytes, bytesDue } = this.#given ?? {};
    if (first?.text === undefined || !isPlain(response)) return;
    // All that was given is this one request, and no body.
    if (bytes !== bytesDue || !first.text.endsWith(HEAD_END)) return;
    if (ONLY_ONCE.some((name) => meaning.headers[name] !== undefined)) return;
    this.#parts.known.set(first.text, meaning);
  }

  /** @returns whether it is answered, or will be */
  #answer(meaning: Meaning): boolean {
    const exchange = new ConnectionExchange(meaning, this.#parts);
    const later = this.#parts.answer(exchange, exchange);
    if (later === false) return false;
    if (later) void this.#wait(exchange, later);
    else this.#goOn(exchange);
    return true;
  }

  /** @param later  does not reject */
  async #wait(exchange: ConnectionExchange, later: Promise<void>): Promise<void> {
    const { socket, server } = this.#parts;
    const { timeout = 0 } = socket;
    // Until it is answered it is not idle.
    socket.setTimeout(server.timeout);
    socket.pause();
    await later;
    socket.setTimeout(timeout);
    socket.resume();
    this.#goOn(exchange);
  }

  /** With the next request, once what was written is not too much. */
  #goOn(exchange: ConnectionExchange): void {
    const { socket } = this.#parts;
    if (socket.writableLength <= UNREAD_BYTES_MAX) return;
    socket.pause();
    exchange.once('close', () => socket.resume());
  }

  #giveUp(): void {
    const { socket, read } = this.#parts;
    socket.off('data', this.#onData);
    socket.on('data', read);
  }
}

function bytesOf({ headers }: IncomingMessage, chunk: Buffer): number {
  if (headers['transfer-encoding'] !== undefined) return Number.NaN;
  const end = chunk.indexOf(HEAD_END);
  return end < 0 ? Number.NaN : end + HEAD_END.length + Number(headers['content-length'] ?? 0);
}

class ConnectionExchange implements Exchange, Sent {
  readonly meaning: Meaning;
  readonly headers: IncomingHttpHeaders;
  readonly http = undefined;
  readonly socket: Socket;
  readonly #parts: ConnectionParts;

  constructor(meaning: Meaning, parts: ConnectionParts) {
    this.meaning = meaning;
    this.headers = meaning.headers;
    this.socket = parts.socket;
    this.#parts = parts;
  }

  send(answer: Answer): void {
    const { socket, server, frame } = this.#parts;
    // Its client is gone.
    if (!socket.writable) return;
    const head = frame(answer, server.keepAliveTimeout);
    const { body } = answer;
    if (body === undefined || typeof body === 'string') {
      socket.write(body === undefined ? head : head + body, 'latin1');
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }

  /** When its connection has all of it, or is gone. */
  once(_event: 'close', listener: () => void): void {
    if (this.socket.writable) this.socket.write('', () => listener());
    else listener();
  }
}

const PROBE_MS_MAX = 2 * SECOND;
const PROBE_KEEP_ALIVE_MS = 72 * SECOND;
const PROBE_GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
const PROBE_POST = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}';
const PROBE_LAST = 'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
const NOT_LOOKED_AT = {
  plan: { batch: false, calls: [] },
  admitted: { encoding: undefined, origin: undefined },
};

/** Whether what comes again is answered here, everything else by Node, and all of it whole. */
async function works(): Promise<boolean> {
  const repeats = openRepeats((exchange) => {
    exchange.send({ status: 200, head: 'content-length: 5\r\n', body: 'again' });
    return undefined;
  });
  const server = createServer((request, response) => {
    const { url = '', headers, method } = request;
    if (method === 'GET') repeats.learn(response, { url, headers, ...NOT_LOOKED_AT });
    request.resume().on('end', () => response.end('node'));
  });
  server.keepAliveTimeout = PROBE_KEEP_ALIVE_MS;
  repeats.watch(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', signal: AbortSignal.timeout(PROBE_MS_MAX) });
    const said: string[] = [];
    for (const request of [PROBE_GET, PROBE_GET, PROBE_POST, PROBE_GET, PROBE_LAST]) {
      socket.write(request);
      // One as short comes at once.
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      said.push(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n(\w+)$/s.exec(chunk.toString())?.[1] ?? '');
    }
    socket.destroy();
    return said.join() === 'node,again,node,again,node';
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

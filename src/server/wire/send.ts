/**
 * Sends an answer whose headers are text already. Node takes them one by one, checks each again and
 * puts the same text together, which costs more than finding the answer did; so the text is given
 * to the response as its finished header. That is not public: whether it comes to the same bytes is
 * tried at the start, on a connection of our own, and if it does not, `writeHead` is used instead.
 */
import { createServer, STATUS_CODES, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SECOND } from '../../config/duration.ts';
import { mergeVary } from '../validators.ts';

export interface Answer {
  readonly status: number;
  /** Lines of `name: value`, each with its end. */
  readonly head: string;
  /** Text: one byte for each character. Undefined for a status that has none. */
  readonly body: Buffer | string | undefined;
}

export type Send = (response: ServerResponse, answer: Answer) => void;

const PROBE_MS_MAX = 2 * SECOND;
/** Of the probe's server: not Node's default. */
const PROBE_KEEP_ALIVE_MS = 72 * SECOND;

export async function createSend(warn: (message: string) => void): Promise<Send> {
  const prebuilt = createPrebuilt();
  if (await isSame(prebuilt).catch(() => false)) return prebuilt;
  warn(
    'this version of Node.js sends headers in another way: cached answers over HTTP use its ' +
      'public call, which costs a little more',
  );
  return publicSend;
}

/** Headers and a status that were set before, by whatever was given the response, stay. */
export const publicSend: Send = (response, { status, head, body }) => {
  const headers: string[] = [];
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(': ');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 2);
    headers.push(name, name === 'vary' ? mergeVary(value, response.getHeader(name)) : value);
  }
  const { statusCode } = response;
  response.writeHead(statusCode === 200 || status === 304 ? status : statusCode, headers);
  response.end(body, 'latin1');
};

/** What a response keeps to itself. */
interface Internals {
  _header: string | null;
  _hasBody: boolean;
  /** Of its server. */
  readonly _keepAliveTimeout: number;
  readonly _maxRequestsPerSocket: number | null;
}

/** What was done to a response already, and what its server says to connections, Node puts in. */
export function isPlain(response: ServerResponse): boolean {
  const { _keepAliveTimeout: keepAliveMs, _maxRequestsPerSocket: requestsMax } =
    response as unknown as Internals;
  return (
    response.shouldKeepAlive &&
    keepAliveMs > 0 &&
    !requestsMax &&
    response.statusCode === 200 &&
    response.sendDate &&
    response.getHeaderNames().length === 0
  );
}

/** The head of an answer over a connection that stays, as Node would write it. */
export type Frame = (answer: Answer, keepAliveMs: number) => string;

export function createFrame(): Frame {
  let keptMs = 0;
  let keepAlive = '';
  let dateAt = 0;
  let date = '';
  return ({ status, head }, keepAliveMs) => {
    if (keepAliveMs !== keptMs) {
      keptMs = keepAliveMs;
      const seconds = Math.floor(keepAliveMs / SECOND);
      keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`;
    }
    const now = Math.floor(Date.now() / SECOND);
    if (now !== dateAt) {
      dateAt = now;
      date = new Date(now * SECOND).toUTCString();
    }
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}Date: ${date}\r\n${keepAlive}`;
  };
}

function createPrebuilt(): Send {
  const frame = createFrame();
  return (response, answer) => {
    if (!isPlain(response)) {
      publicSend(response, answer);
      return;
    }
    const internals = response as unknown as Internals;
    const { status, body } = answer;
    response.statusCode = status;
    internals._header = frame(answer, internals._keepAliveTimeout);
    if (body !== undefined) {
      response.end(body, 'latin1');
    } else {
      internals._hasBody = false;
      response.end();
    }
  };
}

/** Both ways on a connection: with a body, without one, and when the connection is to end. */
async function isSame(prebuilt: Send): Promise<boolean> {
  const head = 'x-probe: 1\r\n';
  const body = Buffer.from('a body');
  const full = { status: 200, head: `${head}content-length: ${body.length}\r\n`, body };
  const unchanged = { status: 304, head, body: undefined };
  let known = true;
  const server = createServer((request, response) => {
    const { _keepAliveTimeout: keepAliveMs } = response as unknown as Internals;
    known &&= keepAliveMs === PROBE_KEEP_ALIVE_MS;
    const send = request.url?.startsWith('/ours') ? prebuilt : publicSend;
    send(response, request.url?.endsWith('full') ? full : unchanged);
  });
  server.keepAliveTimeout = PROBE_KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const [ours, theirs] = await Promise.all([
      answersOf(port, '/ours'),
      answersOf(port, '/theirs'),
    ]);
    return known && ours === theirs && ours.split('HTTP/1.1 ').length === 4;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function answersOf(port: number, path: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', signal: AbortSignal.timeout(PROBE_MS_MAX) });
  const request = (url: string, rest = '') =>
    `GET ${url} HTTP/1.1\r\nhost: localhost\r\n${rest}\r\n`;
  socket.write(request(`${path}/full`) + request(`${path}/none`));
  socket.write(request(`${path}/full`, 'connection: close\r\n'));
  // The clock may pass a second between the two.
  return (await text(socket)).replaceAll(/^Date: .*$/gm, 'Date');
}

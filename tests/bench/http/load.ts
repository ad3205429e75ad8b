/**
 * A client that costs little beside what it measures: a fixed number of kept-alive connections, each
 * of which sends the next of some requests, as bytes, when its answer has come whole. One that takes as
 * long as the server would have it sleep and wake for each request, and that would be measured.
 *
 * Only the first answers are read, by their length. All of one target end alike, and later ones are
 * whole when a chunk ends so.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface LoadTarget {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly Buffer[];
  readonly status: number;
}

const CONNECTIONS = 16;
const HEAD_END = '\r\n\r\n';
/** What answers of one target have in common at their ends: brackets, or the end of a head. */
const TAIL_BYTES = 5;
const LAST_CHUNK = '0\r\n\r\n';

export function requestBytes(path: string, headers: Record<string, string>): Buffer {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
}

/** Opened once for all rounds: connecting is no part of what is measured. */
export class Load {
  readonly #target: LoadTarget;
  readonly #sockets: Socket[] = [];
  readonly #status: Buffer;
  #tail: Buffer | undefined;
  #next = 0;

  constructor(target: LoadTarget) {
    this.#target = target;
    this.#status = Buffer.from(`HTTP/1.1 ${target.status}`);
  }

  /** Resolves when that many answers have come. */
  async run(times: number): Promise<void> {
    let left = times;
    while (this.#sockets.length < CONNECTIONS) {
      this.#sockets.push(await open(this.#target.port));
    }
    if (!this.#tail) {
      left -= 1;
      const first = await this.#first(this.#sockets[0]!);
      this.#tail = first.subarray(-TAIL_BYTES);
    }
    await Promise.all(this.#sockets.map((socket) => this.#drive(socket, () => left-- > 0)));
  }

  #send(socket: Socket): void {
    const { requests } = this.#target;
    this.#next = (this.#next + 1) % requests.length;
    socket.write(requests[this.#next]!);
  }

  /** One whole answer. */
  async #first(socket: Socket): Promise<Buffer> {
    const chunks: Buffer[] = [];
    this.#send(socket);
    for (;;) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      chunks.push(chunk);
      const answer = Buffer.concat(chunks);
      const at = answer.indexOf(HEAD_END);
      if (at < 0) continue;
      const head = answer.toString('latin1', 0, at);
      if (!answer.subarray(0, this.#status.length).equals(this.#status)) throw unexpected(answer);
      const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
      const chunked = length === undefined && this.#target.status !== 304;
      const isWhole = chunked
        ? answer.toString('latin1', answer.length - LAST_CHUNK.length) === LAST_CHUNK
        : answer.length === at + HEAD_END.length + Number(length ?? 0);
      if (isWhole) return answer;
    }
  }

  #drive(socket: Socket, mayGoOn: () => boolean): Promise<void> {
    const status = this.#status;
    const tail = this.#tail!;
    return new Promise((resolve, reject) => {
      let isBegun = false;
      const end = (error?: Error): void => {
        socket.off('data', onData).off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      const send = (): void => {
        if (mayGoOn()) this.#send(socket);
        else end();
      };
      const onClose = (): void => end(new Error('the server closed a connection'));
      const onData = (chunk: Buffer): void => {
        if (!isBegun && chunk.compare(status, 0, status.length, 0, status.length) !== 0) {
          end(unexpected(chunk));
          return;
        }
        isBegun = chunk.compare(tail, 0, tail.length, chunk.length - tail.length) !== 0;
        if (!isBegun) send();
      };
      socket.on('data', onData).on('close', onClose);
      send();
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function unexpected(answer: Buffer): Error {
  return new Error(`unexpected: ${answer.toString('latin1', 0, 200)}`);
}

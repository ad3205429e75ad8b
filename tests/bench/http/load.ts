/**
 * A client that costs little beside what it measures: a fixed number of kept-alive connections, each
 * of which sends the next of some requests, as bytes, when its answer has come whole.
 */
import { connect, type Socket } from 'node:net';

export interface LoadTarget {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly Buffer[];
  readonly status: number;
}

const CONNECTIONS = 16;
/** Of an answer's head. */
const HEAD_BYTES_MAX = 4_096;
const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

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
  #next = 0;

  constructor(target: LoadTarget) {
    this.#target = target;
  }

  /** Resolves when that many answers have come. */
  async run(times: number): Promise<void> {
    let left = times;
    while (this.#sockets.length < CONNECTIONS) {
      this.#sockets.push(await open(this.#target.port));
    }
    await Promise.all(this.#sockets.map((socket) => this.#drive(socket, () => left-- > 0)));
  }

  #drive(socket: Socket, mayGoOn: () => boolean): Promise<void> {
    const { requests, status } = this.#target;
    return new Promise((resolve, reject) => {
      let missing = 0;
      let chunked = false;
      let head = '';
      const end = (error?: Error): void => {
        socket.off('data', onData).off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      const send = (): void => {
        if (!mayGoOn()) {
          end();
          return;
        }
        this.#next = (this.#next + 1) % requests.length;
        socket.write(requests[this.#next]!);
      };
      const onClose = (): void => end(new Error('the server closed a connection'));
      const onData = (chunk: Buffer): void => {
        if (chunked) {
          if (!chunk.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return;
          chunked = false;
        } else if (missing > 0) {
          missing -= chunk.length;
        } else {
          head += chunk.toString('latin1', 0, HEAD_BYTES_MAX);
          const at = head.indexOf(HEAD_END);
          if (at < 0) return;
          if (!head.startsWith(`HTTP/1.1 ${status}`)) {
            end(new Error(`expected ${status}: ${head.slice(0, 200)}`));
            return;
          }
          const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
          const whole = at + HEAD_END.length + Number(length ?? 0);
          chunked =
            length === undefined &&
            status !== 304 &&
            !chunk.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
          missing = length === undefined ? 0 : whole - chunk.length;
          head = '';
        }
        if (missing === 0 && !chunked) send();
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

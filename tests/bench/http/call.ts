/** One request as a client sends it, and how long its whole answer took. */
import { request, type Agent } from 'node:http';
import type { Person } from './stage.ts';

const REQUEST_MS_MAX = 30_000;

export interface Call {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Called {
  /** Until all of it had come. */
  readonly ms: number;
  readonly body: string;
  /** Answered by the cache, from memory or the shared store. */
  readonly hit: boolean;
}

/** Rejects for any other status than 200. */
export function call({ body, ...options }: Call): Promise<Called> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const signal = AbortSignal.timeout(REQUEST_MS_MAX);
    const began = performance.now();
    const sent = request({ ...options, method, signal, host: '127.0.0.1' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject).on('end', () => {
        const ms = performance.now() - began;
        const { statusCode } = response;
        if (statusCode !== 200) {
          reject(new Error(`${method} ${options.path} was answered with ${statusCode}`));
          return;
        }
        const hit = String(response.headers['cache-status'] ?? '').includes('; hit;');
        resolve({ ms, hit, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', reject).end(body);
  });
}

/** A mutation. */
export function change(
  procedure: string,
  input: object,
  { agent, port, person }: { agent: Agent; port: number; person: Person },
): Promise<Called> {
  const origin = `http://127.0.0.1:${port}`;
  return call({
    agent,
    port,
    path: `/trpc/${procedure}`,
    headers: { ...person.headers, origin, 'content-type': 'application/json' },
    body: JSON.stringify({ json: input }),
  });
}

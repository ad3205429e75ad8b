/** One HTTP call on kept connections, as light as Node has it: the harness shares its cores with all. */
import { Agent, request } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly cacheStatus: string | undefined;
  readonly body: string;
}

export interface HttpCaller {
  get(url: string, path: string, msMax: number): Promise<HttpAnswer>;
  post(call: { url: string; path: string; json: unknown; msMax: number }): Promise<HttpAnswer>;
  close(): void;
}

export function createHttpCaller(token: () => string | undefined): HttpCaller {
  const agent = new Agent({ keepAlive: true });

  function call(url: string, path: string, given: { msMax: number; body?: string }) {
    const { msMax, body } = given;
    return new Promise<HttpAnswer>((resolve, reject) => {
      const bearer = token();
      const sent = request(
        url + path,
        {
          agent,
          method: body === undefined ? 'GET' : 'POST',
          signal: AbortSignal.timeout(msMax),
          headers: {
            ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
            ...(body === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              cacheStatus: response.headers['cache-status'] as string | undefined,
              body: text,
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  return {
    get: (url, path, msMax) => call(url, path, { msMax }),
    post: ({ url, path, json, msMax }) => call(url, path, { msMax, body: JSON.stringify(json) }),
    close: () => agent.destroy(),
  };
}

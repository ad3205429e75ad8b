/** An OpenAI-compatible endpoint on this machine that answers as a test tells it to. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly type: string };
}

export type Behave = (
  response: ServerResponse,
  request: ChatRequest,
  call: number,
) => void | Promise<void>;

export interface ModelEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: ChatRequest[];
  readonly keys: (string | undefined)[];
  behave: Behave;
}

export async function createModelEndpoint(behave: Behave): Promise<ModelEndpoint> {
  const requests: ChatRequest[] = [];
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      requests.push(body);
      keys.push(request.headers.authorization);
      return endpoint.behave(response, body, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint: ModelEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    keys,
    behave,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return endpoint;
}

async function read(request: IncomingMessage): Promise<ChatRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
}

export interface Said {
  readonly content?: string | null;
  readonly refusal?: string;
  readonly finish?: string;
}

export function say(
  response: ServerResponse,
  { content = null, refusal, finish = 'stop' }: Said,
): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      id: 'chat-1',
      object: 'chat.completion',
      created: 1,
      model: 'test-model',
      choices: [
        { index: 0, finish_reason: finish, message: { role: 'assistant', content, refusal } },
      ],
      usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
    }),
  );
}

export function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message: 'secret-detail' } }));
}

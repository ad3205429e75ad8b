import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import superjson from 'superjson';
import { expect, test } from 'vitest';
import { createEventSourceClass } from '../../src/client/event-source.ts';
import { startStandIn, type standInRouter } from '../server/stand-in.ts';

test('a subscription carries the token, yields, and ends when it is left', async () => {
  await using server = await startStandIn();
  const requests: Headers[] = [];
  const client = createTRPCClient<typeof standInRouter>({
    links: [
      httpSubscriptionLink({
        url: `${server.url}/trpc`,
        transformer: superjson,
        EventSource: createEventSourceClass((input, init) => {
          const headers = new Headers(init?.headers);
          headers.set('authorization', 'Bearer the-token');
          requests.push(headers);
          return fetch(input, { ...init, headers });
        }),
      }),
    ],
  });
  const first = await new Promise((resolve, reject) => {
    const subscription = client.ticks.subscribe(undefined, {
      onData(data) {
        subscription.unsubscribe();
        resolve(data);
      },
      onError: reject,
    });
  });
  expect(first).toBe('first');
  expect(requests[0]?.get('accept')).toBe('text/event-stream');
  await expect.poll(() => server.openStreams()).toBe(0);
});

function streamOf(...chunks: string[]): Response {
  const stream = new ReadableStream<string>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return new Response(stream.pipeThrough(new TextEncoderStream()), {
    headers: { 'content-type': 'text/event-stream' },
  });
}

test('events come whole however they are cut, and a new connection asks for what came after', async () => {
  const asked: (string | null)[] = [];
  const answers = [
    streamOf(
      'retry: 1\nid: 1\r\nda',
      'ta: a\r',
      '\ndata: b\r',
      '\n\r\nid: 2\nevent: other\ndata: c\n\n: ping\n\n',
    ),
    streamOf('id: 3\ndata: d\n\n'),
  ];
  const EventSource = createEventSourceClass(async (_url, init) => {
    asked.push(new Headers(init?.headers).get('last-event-id'));
    return answers.shift() ?? new Response('gone', { status: 410 });
  });
  const seen: string[] = [];
  const source = new EventSource('http://server/events');
  const closed = new Promise<void>((resolve) => {
    source.addEventListener('error', () => source.readyState === source.CLOSED && resolve());
  });
  const record = (event: Event) => seen.push(`${event.type} ${(event as MessageEvent).data}`);
  source.addEventListener('message', record);
  source.addEventListener('other', record);
  await closed;
  expect(seen).toEqual(['message a\nb', 'other c', 'message d']);
  expect(asked).toEqual([null, '2', '3']);
});

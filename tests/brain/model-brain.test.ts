/** The model behind HTTP: what it must answer, and what comes of every way in which it does not. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createModelBrain } from '../../src/services/brain/index.ts';
import { ModelError } from '../../src/services/model/index.ts';
import { createModelEndpoint, fail, say, type Behave } from './model-endpoint.ts';
import { contextOf } from './seeded.ts';

const INTENT = {
  action: { operation: 'delete', target: { by: 'place', place: -1 } },
  reasoning: 'The last scene was meant',
  confidence: 0.8,
};
const good: Behave = (response) => say(response, { content: JSON.stringify(INTENT) });

async function stage(behave: Behave, options: { timeoutMs?: number; restMs?: number } = {}) {
  const endpoint = await createModelEndpoint(behave);
  const brain = createModelBrain({
    baseUrl: endpoint.url,
    apiKey: 'test-key',
    model: 'test-model',
    retryMs: 1,
    ...options,
  });
  const decide = (prompt = 'delete the last scene', signal = new AbortController().signal) =>
    brain.decide(prompt, contextOf('night'), signal);
  const codeOf = async (): Promise<string> => {
    try {
      await decide();
      return 'ok';
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      expect(error.message).not.toMatch(/secret-detail|test-key/);
      return error.code;
    }
  };
  return { endpoint, decide, codeOf, [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose]() };
}

describe('a model', () => {
  it('is asked for structured output, with the context, and its tokens are told', async () => {
    await using at = await stage(good);
    expect(await at.decide('kill the last one')).toEqual({ intent: INTENT, tokens: 120 });
    const [request] = at.endpoint.requests;
    expect(request).toMatchObject({
      model: 'test-model',
      response_format: { type: 'json_schema' },
    });
    expect(JSON.parse(request!.messages.at(-1)!.content)).toEqual({
      project: contextOf('night'),
      prompt: 'kill the last one',
    });
    expect(JSON.stringify(request)).not.toContain('oneOf');
    expect(at.endpoint.keys).toEqual(['Bearer test-key']);
  });

  it.each<[string, Behave]>([
    ['no JSON', (response) => say(response, { content: 'Sure! I deleted it.' })],
    ['another shape', (response) => say(response, { content: '{"operation":"delete"}' })],
    [
      'code for a colour',
      (response) =>
        say(response, {
          content: JSON.stringify({
            ...INTENT,
            action: {
              operation: 'edit',
              target: { by: 'all' },
              changes: [
                { kind: 'colour', colour: "red' }} onClick={alert(1)} x={{ a: '", of: null },
              ],
            },
          }),
        }),
    ],
    ['nothing', (response) => say(response, { content: '' })],
    ['half an answer', (response) => say(response, { content: '{"action":', finish: 'length' })],
    [
      'no completion',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"hello":"world"}');
      },
    ],
  ])('that answers %s is malformed, after three attempts', async (_what, behave) => {
    await using at = await stage(behave);
    expect(await at.codeOf()).toBe('malformed');
    expect(at.endpoint.requests).toHaveLength(3);
  });

  it.each<[string, Behave]>([
    ['by its own field', (response) => say(response, { refusal: 'I cannot help with that' })],
    ['by a filter', (response) => say(response, { content: 'no', finish: 'content_filter' })],
  ])('that refuses %s is not asked again', async (_what, behave) => {
    await using at = await stage(behave);
    expect(await at.codeOf()).toBe('refused');
    expect(at.endpoint.requests).toHaveLength(1);
  });

  it('that fails once and then answers is heard', async () => {
    await using at = await stage((response, request, call) =>
      call === 1 ? fail(response, 503) : good(response, request, call),
    );
    expect(await at.codeOf()).toBe('ok');
    expect(at.endpoint.requests).toHaveLength(2);
  });

  it.each([
    [429, 'rate_limited', 3],
    [500, 'unavailable', 3],
    [401, 'rejected', 1],
    [404, 'rejected', 1],
  ])('that answers %i is %s, after %i attempts', async (status, code, attempts) => {
    await using at = await stage((response) => fail(response, status));
    expect(await at.codeOf()).toBe(code);
    expect(at.endpoint.requests).toHaveLength(attempts);
  });

  it('that says nothing, or never ends, times out', async () => {
    await using silent = await stage(() => undefined, { timeoutMs: 150 });
    expect(await silent.codeOf()).toBe('timeout');
    await using endless = await stage(
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"choices":[');
      },
      { timeoutMs: 150 },
    );
    expect(await endless.codeOf()).toBe('timeout');
  });

  it('that floods is cut off', async () => {
    await using at = await stage((response) => say(response, { content: 'x'.repeat(3 * 2 ** 20) }));
    expect(['unavailable', 'malformed']).toContain(await at.codeOf());
  });

  it('that redirects gets no key elsewhere', async () => {
    await using elsewhere = await createModelEndpoint(good);
    await using at = await stage((response) => {
      response.writeHead(307, { location: `${elsewhere.url}/chat/completions` });
      response.end();
    });
    expect(await at.codeOf()).toBe('unavailable');
    expect(elsewhere.requests).toEqual([]);
  });

  it('that is not there is unavailable', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const brain = createModelBrain({ baseUrl, apiKey: undefined, model: 'm', retryMs: 1 });
    const asked = brain.decide('p', contextOf('night'), new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ name: 'ModelError', code: 'unavailable' });
  });

  it('is not waited for by who has gone', async () => {
    const abort = new AbortController();
    await using at = await stage(() => abort.abort());
    await expect(at.decide('p', abort.signal)).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a breaker', () => {
  const REST_MS = 200;
  afterEach(() => void vi.useRealTimers());

  it('rests after failures in a row, and asks again after that', async () => {
    // A rest is counted on the wall clock, which stands still.
    vi.useFakeTimers({ toFake: ['Date'] });
    await using at = await stage((response) => fail(response, 500), { restMs: REST_MS });
    expect(await at.codeOf()).toBe('unavailable');
    expect(await at.codeOf()).toBe('unavailable');
    const before = at.endpoint.requests.length;
    expect(before).toBe(5);
    expect(await at.codeOf()).toBe('unavailable');
    expect(at.endpoint.requests).toHaveLength(before);
    at.endpoint.behave = good;
    vi.setSystemTime(Date.now() + REST_MS);
    expect(await at.codeOf()).toBe('ok');
  });

  it('bounds the calls at once', async () => {
    const held: (() => void)[] = [];
    await using at = await stage(
      (response, request, call) => void held.push(() => void good(response, request, call)),
    );
    const asked = Array.from({ length: 9 }, () => at.codeOf());
    expect(await Promise.race(asked)).toBe('busy');
    await expect.poll(() => held.length).toBe(8);
    for (const answer of held) answer();
    expect((await Promise.all(asked)).filter((code) => code === 'ok')).toHaveLength(8);
  });
});

/** Embedders never hang: they answer, or fail with a reason, and recover. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../contract/when-ready.ts';
import { createEndpointEmbedder } from '../../src/services/embeddings/endpoint-embedder.ts';
import { createWorkerEmbedder } from '../../src/services/embeddings/worker-embedder.ts';

const script = new URL('dying-embedder.ts', import.meta.url);
/** In which a busy machine has begun a thread and got an answer. */
const PATIENCE_MS = 30_000;
/** In which one that was told of a death has asked again. */
const REST_MS = 2_000;
const code = (expected: string) => ({ name: 'EmbedderError', code: expected });

describe('the local model in its thread', () => {
  it('gives texts that say the same nearer vectors than others, of length 1', async () => {
    const embedder = createWorkerEmbedder({ timeoutMs: 60_000 });
    try {
      const [one, same, other] = await embedder.embed([
        'make the last scene longer',
        'the final scene should last longer',
        'what is the capital of France',
      ]);
      const cosine = (a?: Float32Array, b?: Float32Array) =>
        a!.reduce((sum, value, index) => sum + value * b![index]!, 0);
      expect(one).toHaveLength(embedder.dimensions);
      expect(cosine(one, one)).toBeCloseTo(1);
      expect(cosine(one, same)).toBeGreaterThan(cosine(one, other) + 0.2);
    } finally {
      await embedder.close();
    }
  });

  it('fails all that waits when it dies, rests, and starts again', async () => {
    const embedder = createWorkerEmbedder({ script, restMs: REST_MS, timeoutMs: PATIENCE_MS });
    try {
      expect(await embedder.embed(['hello'])).toHaveLength(1);
      const dying = [embedder.embed(['die']), embedder.embed(['behind it'])];
      for (const each of dying) await expect(each).rejects.toMatchObject(code('unavailable'));
      await expect(embedder.embed(['too early'])).rejects.toMatchObject(code('unavailable'));
      await until(async () => (await embedder.embed(['hello'])).length === 1);
    } finally {
      await embedder.close();
    }
  });

  it('is given up when it hangs, and replaced', async () => {
    const embedder = createWorkerEmbedder({ script, timeoutMs: 3_000, restMs: 1 });
    try {
      await embedder.embed(['hello']);
      await expect(embedder.embed(['hang'])).rejects.toMatchObject(code('timeout'));
      await until(async () => (await embedder.embed(['hello'])).length === 1);
    } finally {
      await embedder.close();
    }
  });

  it('takes no more texts than its queue has room for, and says what failed', async () => {
    const embedder = createWorkerEmbedder({ script, textsMax: 2, timeoutMs: PATIENCE_MS });
    try {
      const first = embedder.embed(['a', 'b']);
      await expect(embedder.embed(['c'])).rejects.toMatchObject(code('busy'));
      await first;
      await expect(embedder.embed(['fail'])).rejects.toMatchObject(code('unavailable'));
      const patience = AbortSignal.timeout(10);
      await pause(20);
      await expect(embedder.embed(['late'], patience)).rejects.toThrow();
    } finally {
      await embedder.close();
    }
    await expect(embedder.embed(['closed'])).rejects.toMatchObject(code('unavailable'));
  });
});

describe('an endpoint', () => {
  /** Answers each text with what the test makes of it. */
  async function endpoint(vectorOf: (text: string) => unknown, delayMs = 0) {
    let calls = 0;
    const server = createServer((request, response) => {
      calls += 1;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { input } = JSON.parse(Buffer.concat(chunks).toString()) as { input: string[] };
        const data = input.map((text, index) => ({ embedding: vectorOf(text), index }));
        setTimeout(() => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ data, model: 'm', usage: { prompt_tokens: 1 } }));
        }, delayMs);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    return {
      calls: () => calls,
      embedder: createEndpointEmbedder({
        baseUrl,
        apiKey: 'k',
        model: 'm',
        dimensions: 2,
        // Only the slow one is to be given up; on a busy machine any answer takes a while.
        timeoutMs: delayMs === 0 ? 10_000 : delayMs / 10,
      }),
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  it('is asked for many texts in few calls, and answers in their order', async () => {
    await using at = await endpoint((text) => [Number(text), 0]);
    const vectors = await at.embedder.embed(Array.from({ length: 20 }, (_, n) => String(1 + n)));
    expect(vectors).toHaveLength(20);
    expect([...vectors[7]!]).toEqual([1, 0]);
    expect(at.calls()).toBe(2);
  });

  it.each<[string, unknown]>([
    ['of another length', [1, 2, 3]],
    ['of no numbers', [null, null]],
  ])('that answers vectors %s is not believed', async (_what, vector) => {
    await using at = await endpoint(() => vector);
    await expect(at.embedder.embed(['a'])).rejects.toMatchObject(code('unavailable'));
  });

  it('that is slow times out, and one that is gone rests after five failures', async () => {
    await using slow = await endpoint(() => [1, 0], 5_000);
    await expect(slow.embedder.embed(['a'])).rejects.toMatchObject(code('timeout'));
    const at = await endpoint(() => 'nothing');
    for (let count = 0; count < 8; count += 1) {
      await expect(at.embedder.embed(['a'])).rejects.toMatchObject(code('unavailable'));
    }
    expect(at.calls()).toBe(5);
    await at[Symbol.asyncDispose]();
  });
});

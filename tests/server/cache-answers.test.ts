import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { MARK, startStandIn } from './stand-in.ts';

function inputOf(value: unknown): string {
  return encodeURIComponent(JSON.stringify({ json: value }));
}

/** fetch undoes encodings; this shows what is on the wire. */
async function raw(url: string, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      request(url, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

test('a single cached answer has the cache field beside its data, and says hit in Cache-Status', async () => {
  await using server = await startStandIn();
  const response = await fetch(`${server.url}/trpc/cached?input=${inputOf({ name: 'a' })}`);
  const body = (await response.json()) as { result: { data: unknown; cache: unknown } };
  expect(body.result.cache).toEqual({
    storedAt: MARK.storedAt,
    validUntil: MARK.validUntil,
    deps: ['a'],
  });
  expect(body.result.data).toMatchObject({ json: { name: 'a' } });
  expect(response.headers.get('cache-status')).toMatch(/^greenroom; hit; ttl=\d+; detail=l1$/);
  expect(response.headers.get('age')).toMatch(/^\d+$/);
  expect(response.headers.get('cache-control')).toBe('private, no-cache');
  expect(response.headers.get('vary')).toMatch(/^Cookie, Authorization, Accept-Encoding\b/);
});

test.each(['miss', 'stale'])('Cache-Status says fwd=%s', async (outcome) => {
  await using server = await startStandIn();
  const input = inputOf({ name: 'a', outcome });
  const response = await fetch(`${server.url}/trpc/cached?input=${input}`);
  expect(response.headers.get('cache-status')).toContain(`greenroom; fwd=${outcome}; ttl=`);
});

test('in a batch each cached answer gets its own field, also where a path occurs twice', async () => {
  await using server = await startStandIn();
  const inputs = { 0: { name: 'x' }, 1: { text: 'plain' }, 2: { name: 'y' } };
  const query = encodeURIComponent(
    JSON.stringify(Object.fromEntries(Object.entries(inputs).map(([i, json]) => [i, { json }]))),
  );
  const response = await fetch(`${server.url}/trpc/cached,echo,cached?batch=1&input=${query}`);
  const answers = (await response.json()) as { result: { cache?: { deps: string[] } } }[];
  expect(answers.map((answer) => answer.result.cache?.deps)).toEqual([['x'], undefined, ['y']]);
  expect(response.headers.get('cache-status')).toBeNull();
  expect(response.headers.get('etag')).toBeNull();
});

test('an answer that is not cached, or is an error, has no field, no tag, and is not stored', async () => {
  await using server = await startStandIn();
  for (const path of [`echo?input=${inputOf({ text: 'a' })}`, 'members', 'fail']) {
    const response = await fetch(`${server.url}/trpc/${path}`);
    expect(await response.text()).not.toContain('"cache"');
    expect(response.headers.get('etag')).toBeNull();
    expect(response.headers.get('cache-control')).toBe('no-store');
  }
});

test('each encoding has a strong tag of its own, which earns 304 only for that encoding', async () => {
  await using server = await startStandIn();
  const url = `${server.url}/trpc/cached?input=${inputOf({ name: 'a' })}`;
  const plain = await raw(url, {});
  const gzip = await raw(url, { 'accept-encoding': 'gzip' });
  const brotli = await raw(url, { 'accept-encoding': 'br' });
  expect(gunzipSync(gzip.body)).toEqual(plain.body);
  expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);

  const tags = [plain, gzip, brotli].map((answer) => String(answer.headers['etag']));
  expect(new Set(tags).size).toBe(3);
  for (const tag of tags) expect(tag).toMatch(/^"[\w-]+"$/);

  const again = await raw(url, { 'accept-encoding': 'gzip', 'if-none-match': tags[1]! });
  expect(again).toMatchObject({ status: 304, headers: { etag: tags[1] } });
  expect(again.body).toHaveLength(0);
  expect(again.headers['vary']).toContain('Accept-Encoding');
  const other = await raw(url, { 'accept-encoding': 'gzip', 'if-none-match': tags[0]! });
  expect(other.status).toBe(200);
});

test('a query sent by POST has the cache field and no tag', async () => {
  await using server = await startStandIn();
  const response = await fetch(`${server.url}/trpc/cached`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ json: { name: 'a' } }),
  });
  expect(await response.json()).toMatchObject({ result: { cache: { deps: ['a'] } } });
  expect(response.headers.get('etag')).toBeNull();
});

test('a streamed batch has no cache field and arrives as it was written', async () => {
  await using server = await startStandIn();
  const query = encodeURIComponent(JSON.stringify({ 0: { json: { name: 'x' } } }));
  const response = await fetch(`${server.url}/trpc/cached?batch=1&input=${query}`, {
    headers: { 'trpc-accept': 'application/jsonl' },
  });
  const body = await response.text();
  expect(body).toContain('"name":"x"');
  expect(body).not.toContain('storedAt');
  expect(response.headers.get('content-encoding')).toBeNull();
});

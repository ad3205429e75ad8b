/** What is not public in tRPC and Node: used as long as it does what the public way does. */
import { initTRPC } from '@trpc/server';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import {
  createRunProcedure,
  publicCall,
  type WireProcedure,
} from '../../src/server/wire/run-procedure.ts';
import { createSend, publicSend } from '../../src/server/wire/send.ts';
import { ask } from './both-ways.ts';

const t = initTRPC.create();
const router = t.router({
  hello: t.procedure.use(({ next }) => next({ ctx: { name: 'x' } })).query(({ ctx }) => ctx),
});

function callOf(procedure: WireProcedure) {
  const { signal } = new AbortController();
  const call = { path: 'hello', procedure, ctx: {}, batchIndex: 0, signal: () => signal };
  return { ...call, getRawInput: async () => undefined };
}

test('with this version of tRPC the middlewares are run directly, without a warning', async () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const procedure = router.hello as unknown as WireProcedure;
  const run = await createRunProcedure({ router, procedures: [procedure], warn });
  expect(await run(callOf(procedure))).toEqual({ name: 'x' });
  expect(warnings).toEqual([]);
});

test('a procedure of another shape is run by the public call, and a warning says so once', async () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const procedure = router.hello as unknown as WireProcedure;
  const other: WireProcedure = { _def: { type: 'query', middlewares: 'elsewhere' } };
  const run = await createRunProcedure({ router, procedures: [procedure, other], warn });
  expect(warnings).toHaveLength(1);
  expect(await run(callOf(procedure))).toEqual({ name: 'x' });
  expect(await publicCall(router)(callOf(procedure))).toEqual({ name: 'x' });
});

test('with this version of Node headers are sent prebuilt, and come out as by writeHead', async () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const send = await createSend(warn);
  expect(warnings).toEqual([]);
  const body = Buffer.from('a body');
  const head = `x-one: 1\r\nx-two: a: b\r\ncontent-length: ${body.length}\r\n`;
  const server = createServer((request, response) => {
    const way = request.url === '/public' ? publicSend : send;
    way(response, { status: 207, head, body });
  });
  server.keepAliveTimeout = 72_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  for (const connection of ['close', 'keep-alive']) {
    const headers = { connection };
    const ours = await ask(url, { path: '/ours', headers });
    const theirs = await ask(url, { path: '/public', headers });
    expect({ ...ours.headers, date: '' }).toEqual({ ...theirs.headers, date: '' });
    expect([ours.status, ours.body]).toEqual([207, 'a body']);
  }
  server.closeAllConnections();
  server.close();
});

test('what was said on the response before is sent along, by whichever way', async () => {
  const send = await createSend(() => undefined);
  const head = 'x-one: ours\r\nvary: Cookie\r\ncontent-length: 6\r\n';
  const server = createServer((request, response) => {
    response.setHeader('x-one', 'theirs');
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.setHeader('vary', 'Origin, cookie');
    if (request.url === '/teapot') response.statusCode = 418;
    send(response, { status: 200, head, body: 'a body' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  for (const [path, status] of [
    ['/', 200],
    ['/teapot', 418],
  ] as const) {
    const got = await ask(`http://127.0.0.1:${port}`, { path });
    expect([got.status, got.body]).toEqual([status, 'a body']);
    expect(got.headers).toMatchObject({
      'x-one': 'ours',
      'set-cookie': ['a=1', 'b=2'],
      vary: 'Cookie, Origin',
      'content-length': '6',
    });
  }
  server.closeAllConnections();
  server.close();
});

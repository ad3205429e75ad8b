/**
 * What is asked for over HTTP: people with projects of 20 scenes, each of 4 KB, on a whole server of
 * this project; and the same answers, headers and all, from the floors.
 */
import { get } from 'node:http';
import { createGreenroomClient } from '../../../src/client/index.ts';
import { requestBytes, type LoadTarget } from './load.ts';
import { serve, type ConstantAnswer, type Served } from './served.ts';

export interface Person {
  readonly headers: Record<string, string>;
  readonly projectId: string;
  readonly sceneIds: readonly string[];
}

const SCENES = 20;
const CODE = `export default () => <p>${'A scene of four kilobytes. '.repeat(135)}</p>;\n`;

export async function addPerson(port: number, name: string): Promise<Person> {
  const client = createGreenroomClient({ url: `http://127.0.0.1:${port}` });
  const email = `${name}@example.com`;
  await client.auth.signUp.email({ name, email, password: 'a-long-password' });
  const signedIn = await fetch(`http://127.0.0.1:${port}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
    body: JSON.stringify({ email, password: 'a-long-password' }),
  });
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]!);
  const { id: projectId } = await client.project.create.mutate({ name });
  const sceneIds: string[] = [];
  for (let index = 0; index < SCENES; index += 1) {
    const scene = { projectId, name: `Scene ${index}`, type: 'title', tsxCode: CODE } as const;
    sceneIds.push((await client.scene.create.mutate(scene)).id);
  }
  return { headers: { cookie: cookie.join('; ') }, projectId, sceneIds };
}

export function urlOf(procedure: string, json?: object): string {
  const input = json && `?input=${encodeURIComponent(JSON.stringify({ json }))}`;
  return `/trpc/${procedure}${input ?? ''}`;
}

export const sceneUrl = ({ projectId, sceneIds }: Person, index = 0): string =>
  urlOf('scene.byId', { projectId, sceneId: sceneIds[index % SCENES] });

export const listUrl = ({ projectId }: Person): string => urlOf('scene.list', { projectId });

export function batchUrl({ projectId, sceneIds }: Person, calls: number): string {
  const paths = Array<string>(calls).fill('scene.byId').join(',');
  const inputs = Array.from({ length: calls }, (_, index) => [
    index,
    { json: { projectId, sceneId: sceneIds[index] } },
  ]);
  const input = encodeURIComponent(JSON.stringify(Object.fromEntries(inputs)));
  return `/trpc/${paths}?batch=1&input=${input}`;
}

/** As a browser that takes no encoding would get it. */
export function answerOf(
  port: number,
  url: string,
  headers: Record<string, string>,
): Promise<ConstantAnswer> {
  return new Promise((resolve, reject) => {
    get({ port, path: url, headers, host: '127.0.0.1' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const raw = response.rawHeaders;
        const own = raw.flatMap((name, index) =>
          index % 2 === 0 && !CONNECTION_HEADERS.has(name.toLowerCase())
            ? [[name, raw[index + 1]!] as const]
            : [],
        );
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode!, headers: own, body });
      });
    }).on('error', reject);
  });
}

/** Node writes them by itself. */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'date', 'transfer-encoding']);

export interface Floors extends AsyncDisposable {
  readonly same: Served;
  readonly bare: Served;
}

/** node:http with the same headers and bodies, and with nothing but the length. */
export async function serveFloors(
  answers: Readonly<Record<string, ConstantAnswer>>,
): Promise<Floors> {
  await using parts = new AsyncDisposableStack();
  const same = parts.use(await serve({ kind: 'constant', answers }));
  const plain = Object.entries(answers).map(([url, { status, body }]) => [
    url,
    { status, body, headers: [['content-length', String(Buffer.byteLength(body))]] },
  ]);
  const bareAnswers = Object.fromEntries(plain) as Record<string, ConstantAnswer>;
  const bare = parts.use(await serve({ kind: 'constant', answers: bareAnswers }));
  const owned = parts.move();
  return { same, bare, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export function target(
  port: number,
  urls: readonly string[],
  { headers, status = 200 }: { headers: Record<string, string>; status?: number },
): LoadTarget {
  return { port, status, requests: urls.map((url) => requestBytes(url, headers)) };
}

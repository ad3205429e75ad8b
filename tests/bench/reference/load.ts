/**
 * The reference load: people in a studio for some seconds, on two whole servers with a PostgreSQL and a
 * Redis of their own. Of fifty calls one changes a scene, the others are reads, spread over the procedures
 * that a studio's page asks. After a change the next read of it, of the other server, has to be new. Some
 * of the same reads are asked of a third server as well, which has no cache.
 */
import { Agent } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../decisions/data.ts';
import { call, change } from '../http/call.ts';
import { environment, serve } from '../http/served.ts';
import { addPerson, listUrl, sceneUrl, urlOf, type Person } from '../http/stage.ts';
import type { Servers } from '../servers.ts';

export interface Played {
  /** Milliseconds, as a client sees them. */
  readonly hits: readonly number[];
  readonly misses: readonly number[];
  /** Of reads without a cache. */
  readonly uncached: readonly number[];
  /** From sending a write to its answer, after which no read of any server is old. */
  readonly writes: readonly number[];
  /** Reads after that which were old. */
  readonly stale: number;
}

const PEOPLE = 8;
/** Each sends one call after the other; so few that what is timed is an answer, not the wait for a core. */
const CLIENTS = 2;
const PLAY_MS = 20_000;
const WRITE_SHARE = 1 / 50;
/** Of the reads that are asked without a cache as well. */
const UNCACHED_SHARE = 1 / 10;

export async function playReferenceLoad(servers: Servers): Promise<Played> {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await servers.createWorld());
  const dataDir = await mkdtemp(join(tmpdir(), 'greenroom-bench-reference-'));
  parts.defer(() => rm(dataDir, { recursive: true, force: true }));
  const env = {
    ...environment({ dataDir, databaseUrl: world.databaseUrl }),
    REDIS_URL: `redis://${world.server.host}:${world.server.port}`,
    LOG_LEVEL: 'error',
  };
  const one = parts.use(await serve({ kind: 'ours', env }));
  const other = parts.use(await serve({ kind: 'ours', env }));
  const without = parts.use(await serve({ kind: 'ours', env: { ...env, CACHE_ENABLED: 'false' } }));
  const agent = new Agent({ keepAlive: true });
  parts.defer(() => agent.destroy());

  const hits: number[] = [];
  const misses: number[] = [];
  const uncached: number[] = [];
  const writes: number[] = [];
  let stale = 0;

  async function play(own: readonly Person[], random: () => number): Promise<void> {
    const until = performance.now() + PLAY_MS;
    while (performance.now() < until) {
      const person = own[Math.floor(random() * own.length)]!;
      const { headers, projectId, sceneIds } = person;
      const read = ({ port }: { port: number }, path: string) =>
        call({ agent, port, path, headers });
      if (random() < WRITE_SHARE) {
        const index = Math.floor(random() * sceneIds.length);
        const name = `Name ${writes.length} of ${projectId}`;
        const input = { projectId, sceneId: sceneIds[index], name };
        const { ms } = await change('scene.update', input, { agent, port: one.port, person });
        writes.push(ms);
        const after = await read(other, sceneUrl(person, index));
        if (!after.body.includes(name)) stale += 1;
        continue;
      }
      const path = anyRead(person, random);
      const { ms, hit } = await read(random() < 0.5 ? one : other, path);
      (hit ? hits : misses).push(ms);
      if (random() < UNCACHED_SHARE) uncached.push((await read(without, path)).ms);
    }
  }

  const people: Person[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    people.push(await addPerson(one.port, `person${index}`));
  }
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    play(
      people.filter((_person, index) => index % CLIENTS === client),
      seeded(client),
    ),
  );
  await Promise.all(clients);
  return { hits, misses, uncached, writes, stale };
}

/** As often as a page asks for them. */
function anyRead(person: Person, random: () => number): string {
  const { projectId, sceneIds } = person;
  const sceneId = sceneIds[Math.floor(random() * sceneIds.length)];
  const turn = random();
  if (turn < 0.4) return sceneUrl(person, Math.floor(random() * sceneIds.length));
  if (turn < 0.6) return listUrl(person);
  if (turn < 0.7) return urlOf('project.list');
  if (turn < 0.8) return urlOf('project.byId', { projectId });
  if (turn < 0.9) return urlOf('component.build', { projectId, sceneId });
  return urlOf(turn < 0.95 ? 'persona.list' : 'preferences.get');
}

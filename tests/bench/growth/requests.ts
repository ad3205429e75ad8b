/**
 * What a cached answer over HTTP costs a server as more is kept in its memory: the same 400 scenes of
 * 20 people, asked of servers that have so many other entries beside them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, serve } from '../http/served.ts';
import { addPerson, type Person } from '../http/stage.ts';
import { everyOf, everyScene, measureAll, variant, type LoadVariant } from '../http/variants.ts';
import type { Servers } from '../servers.ts';
import type { Group } from './hits.ts';

const ENTRIES = [1_000, 10_000, 100_000, 1_000_000];
const PEOPLE = 20;
/** More than a million small entries take. */
const MEMORY = '2gb';

export async function measureRequests(
  servers: Servers,
  say: (line: string) => void,
): Promise<Group> {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await servers.createWorld());
  const dataDir = await mkdtemp(join(tmpdir(), 'greenroom-bench-growth-'));
  parts.defer(() => rm(dataDir, { recursive: true, force: true }));
  const { databaseUrl } = world;
  const env = { ...environment({ dataDir, databaseUrl }), CACHE_MAX_MEMORY: MEMORY };
  const people: Person[] = [];
  const variants: LoadVariant[] = [];
  for (const entries of ENTRIES) {
    const name = `over HTTP, beside ${entries.toLocaleString('en')} entries`;
    say(name);
    const served = parts.use(await serve({ kind: 'ours', env, entries }));
    for (let index = people.length; index < PEOPLE; index += 1) {
      people.push(await addPerson(served.port, `person${index}`));
    }
    variants.push(variant(name, served, everyOf(served, everyScene(people))));
  }
  // Awaited here: the servers end with this block.
  return { floor: variants[0]!.name, measured: await measureAll(variants) };
}

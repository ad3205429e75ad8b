/**
 * No tag is there in vain, and none can be forgotten unseen: each template of each table's
 * declaration and each tag that a cached load declares or finds is taken away, one at a time.
 * It is caught when a load is refused because its tags do not cover what it reads, or when a walk
 * through every mutation meets an answer that is not what the source says.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sessionCache } from '../../src/server/sessions.ts';
import { sessions, tagRegistry } from '../../src/db/schema/index.ts';
import { createTagRegistry } from '../../src/db/tag-registry.ts';
import { declareTags, splitTemplate, type TableTags } from '../../src/db/tags.ts';
import { generateTriggers } from '../../src/db/triggers.ts';
import { createBuilder, type Builder } from '../../src/services/builder/index.ts';
import { PATIENCE_MS } from '../builder/builder-fixture.ts';
import { CacheError } from '../../src/cache/index.ts';
import { findStale, type Place } from './answers.ts';
import { decisionWalk } from './decision-world.ts';
import { createStudio, type Definition, type Studio, type StudioOptions } from './fixture.ts';
import { addTeam, TSX } from './people.ts';
import { addTalk, talkWalk } from './personality-world.ts';

/** Dozens of databases in each test. */
const TEST_MS_MAX = 900_000;
vi.setConfig({ testTimeout: TEST_MS_MAX });

let builder: Builder;
beforeAll(() => {
  builder = createBuilder({ workersMax: 1, transformMsMax: PATIENCE_MS });
});
afterAll(() => builder.close());

/** What catches a removal: a refused load, or the walk's step after which an answer is old. */
type Catch = { readonly by: 'coverage' | 'walk'; readonly how: string };

const SECRET_TOKEN = 'a session token';

async function prepare(studio: Studio): Promise<Place> {
  const team = await addTeam(studio);
  await addTalk(studio);
  const { owner } = studio.people;
  await studio.services.write((tx) =>
    tx
      .insert(sessions)
      .values({ token: SECRET_TOKEN, userId: owner.id, expiresAt: new Date(8.64e12) }),
  );
  return team;
}

/** Every mutation once, and what only other programs change; between them everything is warm. */
function walkOf(studio: Studio, team: Place): [what: string, act: () => Promise<unknown>][] {
  const { projectId } = team;
  const [a, b, c] = team.sceneIds as [string, string, string];
  const { people, services, sql } = studio;
  const { project, scene } = studio.as('owner');
  const behind = (act: () => Promise<unknown>) => async () => {
    await act();
    await studio.renewed();
  };
  return [
    ...talkWalk(studio, behind),
    ...decisionWalk(studio, projectId),
    ['project.create', () => studio.as('viewer').project.create({ name: 'Another' })],
    ['project.update', () => project.update({ projectId, name: 'Renamed' })],
    [
      'project.addMember',
      () => project.addMember({ projectId, email: people.outsider.email, role: 'viewer' }),
    ],
    [
      'a role change',
      () => project.addMember({ projectId, email: people.outsider.email, role: 'editor' }),
    ],
    ['project.removeMember', () => project.removeMember({ projectId, userId: people.outsider.id })],
    ['scene.create', () => scene.create({ projectId, name: 'n', type: 't', tsxCode: TSX })],
    ['scene.update', () => scene.update({ projectId, sceneId: a, props: { changed: true } })],
    [
      'scene.reorder',
      async () => {
        const ids = (await scene.list({ projectId })).map(({ id }) => id);
        await scene.reorder({ projectId, sceneIds: ids.toReversed() });
      },
    ],
    ['scene.delete', () => scene.delete({ projectId, sceneId: b })],
    [
      'another e-mail address',
      behind(
        () =>
          sql`UPDATE users SET email = 'changed@example.com', role = 'admin' WHERE id = ${people.owner.id}`,
      ),
    ],
    ['a rebuilt build', behind(() => sql`UPDATE builds SET code = code || ' '`)],
    [
      'another owner',
      behind(() => sql`UPDATE projects SET owner_id = ${people.admin.id} WHERE id = ${projectId}`),
    ],
    [
      'a scene moved elsewhere',
      behind(
        () => sql`
      UPDATE scenes SET position = 99, project_id =
        (SELECT id FROM projects WHERE name = 'Another') WHERE id = ${c}`,
      ),
    ],
    ['sign-out', () => services.write((tx) => tx.delete(sessions))],
    ['admin.deleteUser', () => studio.as('admin').admin.deleteUser({ userId: people.viewer.id })],
    ['project.delete', () => studio.as('admin').project.delete({ projectId })],
  ];
}

async function catchOf(
  options: StudioOptions,
  tables?: readonly TableTags[],
): Promise<Catch | undefined> {
  await using studio = await createStudio({ ...options, builder });
  for (const table of tables ?? []) await remakeTriggers(studio, table);
  try {
    const team = await prepare(studio);
    for (const [what, act] of [['the start', async () => {}] as const, ...walkOf(studio, team)]) {
      await act();
      const stale = await staleAnswers(studio, team);
      if (stale.length > 0) return { by: 'walk', how: `${what}: ${stale[0]!.split('\n')[0]}` };
    }
    return undefined;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (!(cause instanceof CacheError) || cause.code !== 'uncovered') throw error;
    return { by: 'coverage', how: cause.message.replaceAll(/[0-9a-f-]{36}/g, '…').slice(0, 160) };
  }
}

async function staleAnswers(studio: Studio, team: Place): Promise<string[]> {
  const stale = await findStale(studio, { places: [team], builds: true });
  const { cache, source } = studio;
  const session = await cache.get(sessionCache, { token: SECRET_TOKEN });
  const truth = await source.fromSource(sessionCache, { token: SECRET_TOKEN });
  if (JSON.stringify(session) !== JSON.stringify(truth)) stale.push('session look-up');
  return stale;
}

/** As the migration that would have been generated from the reduced declaration. */
async function remakeTriggers(studio: Studio, table: TableTags): Promise<void> {
  const { sql, functionName } = generateTriggers(table);
  const drop = `DROP FUNCTION public.${functionName}() CASCADE`;
  await studio.sql.unsafe(
    table.templates.length === 0 ? drop : sql.replaceAll('--> statement-breakpoint', ''),
  );
}

function redeclare({ table, templates, events }: TableTags): object {
  const named = Object.fromEntries(templates.map((template, index) => [`t${index}`, template]));
  return declareTags(table, named as never, { events });
}

/** At a time: one waits for a renewal while another computes. */
const LANES = 3;

/** Takes each away in turn, prints what caught it, and fails on what nothing caught. */
async function expectEachCaught<T>(
  what: string,
  removals: readonly (readonly [name: string, removal: T])[],
  tryWithout: (removal: T) => Promise<Catch | undefined>,
): Promise<void> {
  const lines: string[] = [];
  const missed: string[] = [];
  const rest = removals.values();
  const lane = async () => {
    for (const [name, removal] of rest) {
      const caught = await tryWithout(removal);
      if (!caught) missed.push(name);
      lines.push(`  ${name}: ${caught ? `${caught.by} (${caught.how})` : 'NOT CAUGHT'}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const count = `${removals.length - missed.length} of ${removals.length} caught`;
  console.log(`${what}: ${count}\n${lines.sort().join('\n')}`);
  expect(missed).toEqual([]);
}

const templates = tagRegistry.tables.flatMap((table) =>
  table.templates.map((template, index) => {
    const reduced = { ...table, templates: table.templates.filter((_each, at) => at !== index) };
    return [`${table.tableName} ${template}`, { table, reduced }] as const;
  }),
);

it('notices each template that a table does not declare', async () => {
  await expectEachCaught('templates', templates, ({ table, reduced }) => {
    const groups = tagRegistry.tables
      .map((other) => (other === table ? reduced : other))
      .filter((declaration) => declaration.templates.length > 0);
    return catchOf({ registry: createTagRegistry(groups.map(redeclare)) }, [reduced]);
  });
});

it('needs each template for what it invalidates', async () => {
  // The readers keep their tags and are not checked: only the triggers have forgotten.
  await expectEachCaught('templates, by the walk alone', templates, ({ reduced }) =>
    catchOf({}, [reduced]),
  );
});

interface ReadTag {
  readonly cache: string;
  /** With its values left out: `project:{}:scenes`. */
  readonly shape: string;
}

/** A tag's template, whatever the columns are called there. */
function shapeOf(tag: string): string {
  return tag.replaceAll(/[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '{}');
}

function withoutTag(removed: ReadTag | undefined, seen?: Set<string>) {
  return (definition: Definition): Definition => {
    const keep = (tags: readonly string[]) =>
      tags.filter((tag) => {
        const shape = shapeOf(tag);
        seen?.add(`${definition.name} ${shape}`);
        return removed?.cache !== definition.name || removed.shape !== shape;
      });
    return {
      ...definition,
      tags: (args) => keep(definition.tags(args)),
      load: (args, context) =>
        definition.load(args, {
          ...context,
          depend: (...tags) => context.depend(...keep(tags)),
        }),
    };
  };
}

/** Every tag that some cached load names during the walk, declared or found. */
async function readTags() {
  const seen = new Set<string>();
  expect(await catchOf({ alter: withoutTag(undefined, seen) })).toBeUndefined();
  return [...seen].sort().map((name) => {
    const [cache = '', shape = ''] = name.split(' ');
    return [name, { cache, shape }] as const;
  });
}

/** `table:users` of what is confirmed absent: stands for a whole table, and for no template. */
const ofWholeTable = ({ shape }: ReadTag) => shape.startsWith('table:');

it('notices each tag that a cached load does not name', async () => {
  const tags = await readTags();
  const known = new Set(templates.map(([name]) => blank(name.slice(name.indexOf(' ') + 1))));
  const used = new Set(tags.flatMap(([, tag]) => (ofWholeTable(tag) ? [] : [tag.shape])));
  expect(used).toEqual(known);
  await expectEachCaught('read tags', tags, (tag) => catchOf({ alter: withoutTag(tag) }));
});

it('needs each of them for what it invalidates', async () => {
  const tags = (await readTags()).filter(([, tag]) => !ofWholeTable(tag));
  const registry = { ...tagRegistry, uncovered: () => undefined };
  await expectEachCaught('read tags, by the walk alone', tags, (tag) =>
    catchOf({ registry, alter: withoutTag(tag) }),
  );
});

function blank(template: string): string {
  return splitTemplate(template)
    .map((piece) => (typeof piece === 'string' ? piece : '{}'))
    .join('');
}

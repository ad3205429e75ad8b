/** What procedures cost the database: how many statements, and by which way they find their rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStudio, type Studio } from './fixture.ts';
import { addScenes, addTeam } from './people.ts';
import { CACHED, PROCEDURES, ROWS, type Team } from './procedures.ts';

interface Sent {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

let sent: Sent[] = [];
let studio: Studio;
let team: Team;

beforeAll(async () => {
  studio = await createStudio({
    onStatement: (text, parameters) => sent.push({ text, parameters }),
  });
  team = await addTeam(studio);
});

afterAll(() => studio[Symbol.asyncDispose]());

/** Statements that procedures sent; those of transactions' bounds are not among them. */
async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  sent = [];
  await work();
  return sent;
}

const call = (path: string, where = team) => ROWS[path]!.call(studio.as('owner'), where, studio);

/** Ends every entry, as if nothing had been asked yet. */
const flush = () => studio.as('admin').admin.flush();

describe('a hit costs no statement, its check of access included', () => {
  it.each(CACHED)('$path', async ({ path }) => {
    await call(path);
    expect(await statementsOf(() => call(path))).toEqual([]);
  });

  it('project.open, of which all parts are cached', async () => {
    // Opening warms behind the answer what is not warm yet.
    await studio.as('admin').admin.warm({ projectId: team.projectId });
    await call('project.open');
    expect((await statementsOf(() => call('project.open'))).length).toBe(0);
  });
});

describe('a miss costs the same whatever there is to list', () => {
  async function costOf(path: string): Promise<number> {
    await flush();
    const { length } = await statementsOf(() => call(path));
    return length;
  }

  it('with 3 scenes as with 20, with one project as with 20', async () => {
    const paths = CACHED.map(({ path }) => path);
    // The first build of a scene is also kept, which is a statement more.
    await call('component.build');
    const before = new Map<string, number>();
    for (const path of paths) before.set(path, await costOf(path));
    await addScenes(studio, team.projectId, 17);
    for (let n = 0; n < 19; n += 1) {
      const { id } = await studio.as('owner').project.create({ name: `Project ${n}` });
      await addScenes(studio, id, 1);
    }
    const after = new Map<string, number>();
    for (const path of paths) after.set(path, await costOf(path));
    console.log(`statements of a miss: ${JSON.stringify(Object.fromEntries(after))}`);
    expect(after).toEqual(before);
    // The check of access is one; the answer's own are at most two.
    expect(Math.max(...after.values())).toBeLessThanOrEqual(3);
  });
});

describe('every statement finds its rows by an index', () => {
  const counts: Record<string, number> = {};
  afterAll(() => console.log(`statements of each procedure, cold: ${JSON.stringify(counts)}`));

  it('and one that could not would be found', async () => {
    const text = 'SELECT id FROM scenes WHERE name = $1';
    expect(await wholeScans({ text, parameters: ['x'] })).toHaveLength(1);
  });

  it.each(PROCEDURES)('$path', async ({ path }) => {
    const where = await addTeam(studio);
    await flush();
    const asking = ROWS[path]!.answers.owner === 'ok' ? 'owner' : 'admin';
    const statements = await statementsOf(() => ROWS[path]!.call(studio.as(asking), where, studio));
    counts[path] = statements.length;
    for (const statement of statements) {
      if (!/^\s*(select|insert|update|delete|with)/i.test(statement.text)) continue;
      const scans = await wholeScans(statement);
      expect({ statement: statement.text, scans }).toEqual({
        statement: statement.text,
        scans: [],
      });
    }
  });
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * Steps of the plan that read a whole table or a whole index. With sequential scans priced out:
 * one that is still there has no index to use instead.
 */
async function wholeScans({ text, parameters }: Sent): Promise<PlanNode[]> {
  const [row] = await studio.sql.begin(async (tx) => {
    await tx`SET LOCAL enable_seqscan = off`;
    const values = parameters.map((value) => (value instanceof Date ? value.toISOString() : value));
    return tx.unsafe(`EXPLAIN (FORMAT JSON) ${text}`, values as never[]);
  });
  const [{ Plan }] = row!['QUERY PLAN'] as [{ Plan: PlanNode }];
  const nodes = [Plan];
  for (const node of nodes) nodes.push(...(node.Plans ?? []));
  return nodes.filter((node) => {
    const type = node['Node Type'];
    // A bitmap heap scan reads what the bitmap index scan below it has found.
    return type === 'Seq Scan' || (/Index.* Scan/.test(type) && node['Index Cond'] === undefined);
  });
}

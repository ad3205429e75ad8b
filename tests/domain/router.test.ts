import { beforeAll, describe, expect, it } from 'vitest';
import { createStudio } from './fixture.ts';
import { addTeam } from './people.ts';
import { CACHED, PROCEDURES, ROWS } from './procedures.ts';

describe('the router', () => {
  it('has only procedures that these tests know', () => {
    expect(PROCEDURES.map(({ path }) => path).sort()).toEqual(Object.keys(ROWS).sort());
  });

  it.each(PROCEDURES)('$path is cached, is a mutation, or says why it is neither', (procedure) => {
    const { type, meta } = procedure;
    expect(meta).toBeDefined();
    if (type === 'mutation') expect(meta?.kind).toBe('mutation');
    else if (meta?.kind === 'uncached') expect(meta.why).toMatch(/\w+ \w+/);
    else expect({ type, kind: meta?.kind }).toEqual({ type: 'query', kind: 'cached' });
  });
});

describe('a cached procedure', () => {
  const asked = new Map<string, string[]>();

  beforeAll(async () => {
    let names: string[] = [];
    await using studio = await createStudio({
      alter: (definition) => ({
        ...definition,
        // Asked for on every miss; each procedure is asked once.
        tags(args) {
          names.push(definition.name);
          return definition.tags(args);
        },
      }),
    });
    const team = await addTeam(studio);
    for (const { path } of CACHED) {
      names = [];
      await ROWS[path]!.call(studio.as('owner'), team, studio);
      asked.set(
        path,
        [...new Set(names)].filter((name) => name !== 'memberships'),
      );
    }
  });

  it.each(CACHED)('$path keeps its answers under its own path', ({ path }) => {
    expect(asked.get(path)).toEqual([path]);
  });
});

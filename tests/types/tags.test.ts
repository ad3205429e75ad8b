import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { describe, expectTypeOf, it } from 'vitest';
import { sceneTags, sessionTags } from '../../src/db/schema/index.ts';
import { declareTags } from '../../src/db/tags.ts';

// What is refused is refused by the compiler: every line below an @ts-expect-error has to be a fault.
const notes = pgTable('notes', { id: uuid('id').primaryKey(), body: text('body').notNull() });

describe('a tag template', () => {
  it('may name the columns of its table, and only those', () => {
    const declare = () => [
      declareTags(notes, { one: 'note:{id}', digested: 'note:{id}:{body|sha256}', all: 'notes' }),
      // @ts-expect-error -- notes have no title
      declareTags(notes, { one: 'note:{title}' }),
      // @ts-expect-error -- the second of two
      declareTags(notes, { one: 'note:{id}:{title}' }),
      // @ts-expect-error -- the only filter is sha256
      declareTags(notes, { one: 'note:{id|md5}' }),
    ];
    expectTypeOf(declare).toBeFunction();
  });

  it('gives a builder that wants exactly its columns, with their types', () => {
    expectTypeOf(sceneTags.one).parameters.toEqualTypeOf<[{ id: string }]>();
    expectTypeOf(sceneTags.ofProject).parameters.toEqualTypeOf<[{ projectId: string }]>();
    expectTypeOf(sessionTags.byToken).parameters.toEqualTypeOf<[{ token: string }]>();
    expectTypeOf(sceneTags.one).returns.toEqualTypeOf<string>();
    const build = () => [
      // @ts-expect-error -- a scene's id is a text
      sceneTags.one({ id: 42 }),
      // @ts-expect-error -- the project's id is missing
      sceneTags.ofProject({}),
      // @ts-expect-error -- nothing is declared under this name
      sceneTags.ofUser({ userId: '' }),
    ];
    expectTypeOf(build).toBeFunction();
  });
});

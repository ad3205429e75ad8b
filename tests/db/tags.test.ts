import { createHash } from 'node:crypto';
import {
  bigint,
  boolean,
  char,
  customType,
  integer,
  numeric,
  pgSchema,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import { declarationOf, declareTags, splitTemplate, TagError } from '../../src/db/tags.ts';
import { createTagRegistry } from '../../src/db/tag-registry.ts';

const things = pgTable('things', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  secret: text('secret').notNull(),
  rank: integer('rank').notNull(),
  big: bigint('big', { mode: 'bigint' }).notNull(),
});
const thingTags = declareTags(things, {
  one: 'thing:{id}',
  named: 'thing:by-name:{name}',
  bySecret: 'thing:secret:{secret|sha256}',
  ranked: 'things:{rank}:{big}:ranked',
});
const ID = '0198c5a2-9d2e-7c3f-8a11-2b3c4d5e6f70';

describe('builders', () => {
  it('fill templates with values', () => {
    expect(thingTags.one({ id: ID })).toBe(`thing:${ID}`);
    expect(thingTags.ranked({ rank: -7, big: 2n ** 62n })).toBe(
      'things:-7:4611686018427387904:ranked',
    );
  });

  it('show only the digest of what must not be seen', () => {
    const secret = 'påss:word';
    const digest = createHash('sha256').update(secret, 'utf8').digest('hex');
    expect(thingTags.bySecret({ secret })).toBe(`thing:secret:${digest}`);
  });

  it.each([
    ID.toUpperCase(),
    `{${ID}}`,
    ID.replaceAll('-', ''),
    '0198-c5a2-9d2e-7c3f-8a11-2b3c-4d5e-6f70',
  ])('write a uuid as PostgreSQL does, however the caller did: %s', (id) => {
    expect(thingTags.one({ id })).toBe(`thing:${ID}`);
  });

  it('write an unpaired surrogate as the driver sends it', () => {
    expect(thingTags.named({ name: '\ud800' })).toBe('thing:by-name:\ufffd');
    expect(thingTags.bySecret({ secret: '\ud800' })).toBe(thingTags.bySecret({ secret: '\ufffd' }));
  });

  it.each([undefined, null, new Date(0), true, {}])('refuse %o as a value', (rank) => {
    expect(() => thingTags.ranked({ rank: rank as never, big: 1n })).toThrow(TagError);
  });
});

describe('a declaration', () => {
  it('knows its table, also outside public', () => {
    const elsewhere = pgSchema('audit').table('events', { id: uuid('id') });
    expect(declarationOf(declareTags(elsewhere, { one: 'event:{id}' }))).toMatchObject({
      tableName: 'audit.events',
      templates: ['event:{id}'],
      events: ['insert', 'update', 'delete'],
    });
    expect(() => declarationOf({})).toThrow(TagError);
  });

  it('refuses columns that the table lacks, where the compiler did not', () => {
    expect(() => declareTags(things, { one: 'thing:{nothing}' } as never)).toThrow(
      'things has no column nothing',
    );
  });

  const citext = customType<{ data: string }>({ dataType: () => 'citext' });
  const odd = pgTable('odd', {
    price: numeric('price'),
    at: timestamp('at'),
    code: char('code', { length: 4 }),
    flag: boolean('flag'),
    email: citext('email'),
  });
  it.each(['price', 'at', 'code', 'flag', 'email'])(
    'refuses columns of which equal values may have different texts: %s',
    (column) => {
      expect(() => declareTags(odd, { one: `odd:{${column}}` } as never)).toThrow(
        /equal values of odd\.\w+ may have different texts/,
      );
    },
  );

  it('is split into text and columns', () => {
    expect(splitTemplate('a:{x}:{y|sha256}')).toEqual([
      'a:',
      { column: 'x', digest: false },
      ':',
      { column: 'y', digest: true },
      '',
    ]);
  });
});

describe('a registry', () => {
  const people = pgTable('people', { id: text('id').primaryKey(), name: text('name').notNull() });
  const peopleTags = declareTags(people, { one: 'person:{id}', ofThing: 'person:{id}:things' });
  const owned = pgTable('owned', { id: text('id').primaryKey(), personId: text('person_id') });
  const ownedTags = declareTags(owned, { ofPerson: 'person:{personId}:things' });
  const registry = createTagRegistry([thingTags, peopleTags, ownedTags]);

  it('finds the tables behind a tag', () => {
    expect(registry.tablesOf('person:7')).toEqual(['people']);
    expect(registry.tablesOf('person:7:things')).toEqual(['people', 'owned']);
    expect(registry.tablesOf('table:owned')).toEqual(['owned']);
    expect(registry.tablesOf('nothing:7')).toEqual([]);
    expect(registry.tablesOf('xperson:7')).toEqual([]);
  });

  it.each(['a b', '.*', '$^', 'ä', '💡', 'a\nb', '{id}', 'a:b', ':', ''])(
    'finds the tables behind the tag of an odd id: %j',
    (id) => {
      expect(registry.tablesOf(peopleTags.one({ id }))).toContain('people');
      expect(registry.tablesOf(ownedTags.ofPerson({ personId: id }))).toContain('owned');
      expect(registry.uncovered([ownedTags.ofPerson({ personId: id })], ['owned'])).toBeUndefined();
    },
  );

  it('adds the own tags of the tables', () => {
    expect(registry.withTableTags(['person:7:things', 'person:7'])).toEqual([
      'person:7:things',
      'person:7',
      'table:people',
      'table:owned',
    ]);
  });

  it('says which tables are not covered, and which tag nothing gives rise to', () => {
    expect(registry.uncovered(['person:7'], ['people'])).toBeUndefined();
    expect(registry.uncovered([], [])).toBeUndefined();
    expect(registry.uncovered(['table:owned'], ['owned'])).toBeUndefined();
    expect(registry.uncovered(['person:7'], ['people', 'owned', 'pg_class'])).toBe(
      'it reads owned, pg_class, which none of its tags covers (person:7)',
    );
    expect(registry.uncovered([], ['people'])).toContain('(no tags)');
    expect(registry.uncovered(['person:7', 'persons:7'], ['people'])).toBe(
      'no table gives rise to the tag persons:7',
    );
  });
});

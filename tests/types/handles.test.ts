import { describe, expectTypeOf, it } from 'vitest';
import { defineCacheFor, type Cache, type CacheDefinition } from '../../src/cache/index.ts';
import type { ReadDb } from '../../src/db/read.ts';
import type { WriteTx } from '../../src/db/write.ts';

describe('the handle that reads', () => {
  it('has nothing that writes, not even behind a with', () => {
    expectTypeOf<ReadDb>().not.toHaveProperty('insert');
    expectTypeOf<ReadDb>().not.toHaveProperty('update');
    expectTypeOf<ReadDb>().not.toHaveProperty('delete');
    expectTypeOf<ReadDb>().not.toHaveProperty('transaction');
    expectTypeOf<ReadDb>().not.toHaveProperty('refreshMaterializedView');
    expectTypeOf<ReadDb>().not.toHaveProperty('$client');
    expectTypeOf<ReturnType<ReadDb['with']>>().not.toHaveProperty('delete');
  });

  it('is no transaction that writes; a transaction may be read from', () => {
    expectTypeOf<ReadDb>().not.toExtend<WriteTx>();
    expectTypeOf<WriteTx>().toExtend<Pick<ReadDb, 'select' | 'execute' | '$count'>>();
  });
});

describe('a definition', () => {
  const define = defineCacheFor<{ readonly source: Map<string, Date> }>();
  const lookup = define({
    name: 'dates',
    tags: ({ id }: { id: string }) => [id],
    load: ({ id }, { source }) => Promise.resolve(source.get(id)),
  });

  it('infers its arguments and its value from what is written', () => {
    expectTypeOf(lookup).toExtend<
      CacheDefinition<{ id: string }, Date, { readonly source: Map<string, Date> }>
    >();
    const read = (cache: Cache<{ readonly source: Map<string, Date> }>) =>
      cache.get(lookup, { id: '1' });
    expectTypeOf(read).returns.toEqualTypeOf<Promise<Date | undefined>>();
    const wrong = (cache: Cache<{ readonly source: Map<string, Date> }>) =>
      // @ts-expect-error -- the id is a text
      cache.get(lookup, { id: 1 });
    expectTypeOf(wrong).toBeFunction();
  });
});

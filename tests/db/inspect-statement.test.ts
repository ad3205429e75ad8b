import { beforeAll, describe, expect, it } from 'vitest';
import { inspectStatement, loadParser } from '../../src/db/inspect-statement.ts';

beforeAll(loadParser);

const tablesOf = (statement: string) => [...inspectStatement(statement).tables].toSorted();

describe('the tables that a statement names', () => {
  it.each<[string, string[]]>([
    ['select 1', []],
    ['values (1), (2)', []],
    ['table scenes', ['scenes']],
    ['select * from scenes', ['scenes']],
    ['select * from "scenes" as s', ['scenes']],
    ['select * from "Odd ""Name"', ['Odd "Name']],
    ['select * from SCENES', ['scenes']],
    ['select * from public.scenes', ['scenes']],
    ['select * from audit.scenes', ['audit.scenes']],
    ['select * from only scenes', ['scenes']],
    ['select * from a, b join c using (id) left join d on true', ['a', 'b', 'c', 'd']],
    ['select * from a where id in (select a_id from b)', ['a', 'b']],
    ['select (select max(x) from b), exists (select from c) from a', ['a', 'b', 'c']],
    ['select * from (select * from a) a_alias', ['a']],
    ['select * from a union all select * from b except select * from c', ['a', 'b', 'c']],
    ['select * from a cross join lateral (select * from b where b.id = a.id) x', ['a', 'b']],
    ['select * from a order by (select 1 from b) limit (select n from c)', ['a', 'b', 'c']],
    [
      'select sum(x) filter (where x in (select y from b)) over w from a window w as (order by (select 1 from c))',
      ['a', 'b', 'c'],
    ],
    ['select * from generate_series(1, 2), json_each($1), unnest(array(select id from a))', ['a']],
    ['select * from rows from (f((select 1 from a)), g(2)) as x', ['a']],
    ['select * from a tablesample system (10)', ['a']],
    ['select * from a for update', ['a']],
    ['select * from a x join b y on true for share of x skip locked', ['a', 'b']],
    [
      'select case when exists (select 1 from b) then 1 end from a group by grouping sets ((x), ())',
      ['a', 'b'],
    ],
    ['with x as (select * from a) select * from x', ['a']],
    ['with x as (select * from a), y as (select * from x, b) select * from y', ['a', 'b']],
    ['with a as (select * from a) select * from a', ['a']],
    ['with a as (select 1) select * from a', []],
    ['with a as (select 1) select * from public.a', ['a']],
    ['with y as (select * from x), x as (select 1) select * from x, y', ['x']],
    ['with recursive t as (select 1 union all select n + 1 from t, a) select * from t', ['a']],
    ['select * from (with x as (select 1) select * from x) q, x', ['x']],
    ['with x as (select 1) select (with x as (select * from a) select 1 from x) from x', ['a']],
    [
      'select * from pg_class, pg_catalog.pg_type, information_schema.tables',
      ['information_schema.tables', 'pg_catalog.pg_type', 'pg_class'],
    ],
    ['explain analyze select * from a', ['a']],
    ['select 1; select * from a; select * from b', ['a', 'b']],
    ['insert into a select * from b', ['a', 'b']],
    ['update a set x = b.x from b', ['a', 'b']],
    ['delete from a using b where a.id = b.id', ['a', 'b']],
    ['merge into a using b on true when matched then delete', ['a', 'b']],
    ['with gone as (delete from a returning *) select * from gone, b', ['a', 'b']],
    ['copy a to stdout', ['a']],
  ])('%s', (statement, tables) => {
    expect(tablesOf(statement)).toEqual(tables);
  });

  it('are not guessed from a statement that PostgreSQL would refuse', () => {
    expect(() => inspectStatement('select * frm a')).toThrow(/syntax error/);
  });

  it('do not include what is read inside a function, nor in a text that is run as SQL', () => {
    expect(
      tablesOf(`select scenes_of(7), query_to_xml('select * from a', true, true, '')`),
    ).toEqual([]);
  });
});

describe('a query', () => {
  it.each([
    'select 1',
    'table a',
    'values (1)',
    'with x as (select 1) select * from x',
    'explain (analyze, costs off) select 1',
    'show default_transaction_read_only',
    `select current_setting('x'), set_configuration(1)`,
  ])('is: %s', (statement) => {
    expect(inspectStatement(statement).isQuery).toBe(true);
  });

  it.each([
    'set default_transaction_read_only = off',
    'set session characteristics as transaction read write',
    'reset all',
    'discard all',
    'begin read write',
    'commit',
    'select 1; set x.y = 1',
    `select set_config('default_transaction_read_only', 'off', false)`,
    `select * from a where pg_catalog."set_config"('x', 'y', true) = 'y'`,
    `with x as (select set_config('x.y', 'z', false)) select 1`,
    'insert into a values (1)',
    'explain insert into a values (1)',
    'do $$ begin end $$',
    'call f()',
    'prepare p as select 1',
    'execute p',
    'copy a from stdin',
    'create temp table t (id int)',
    'lock table a',
    'listen x',
  ])('is not: %s', (statement) => {
    expect(inspectStatement(statement).isQuery).toBe(false);
  });
});

/**
 * Shows every statement that goes through a postgres.js pool, also inside transactions, without
 * changing it: the pool is used as before, by Drizzle or by hand.
 */
import type { Sql } from '../../src/db/client.ts';

export type OnStatement = (text: string, parameters: readonly unknown[]) => void;

export function watchStatements(sql: Sql, onStatement: OnStatement): Sql {
  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      apply(tag, self, args: unknown[]) {
        const [text, ...values] = args;
        if (isTemplate(text)) onStatement(numbered(text), values);
        return Reflect.apply(tag as unknown as (...all: unknown[]) => unknown, self, args);
      },
      get(pool, name) {
        const member = Reflect.get(pool, name) as unknown;
        if (name === 'unsafe' && typeof member === 'function') {
          return (text: string, values: unknown[] = [], ...rest: unknown[]) => {
            onStatement(text, values);
            return member.call(pool, text, values, ...rest) as unknown;
          };
        }
        if ((name === 'begin' || name === 'savepoint') && typeof member === 'function') {
          return (...args: unknown[]) => {
            const work = args.pop() as (tx: object) => unknown;
            return member.call(pool, ...args, (tx: object) => work(watch(tx))) as unknown;
          };
        }
        return member;
      },
    });
  return watch(sql);
}

function isTemplate(value: unknown): value is readonly string[] {
  return Array.isArray(value) && 'raw' in value;
}

/** As the server gets it: `$1`, `$2` … between the pieces. */
function numbered(pieces: readonly string[]): string {
  return pieces.map((piece, index) => (index === 0 ? piece : `$${index}${piece}`)).join('');
}

/** The log of the similar tier: appended to, followed, and trimmed. */
import { and, asc, count, desc, eq, gt, lt, lte, or, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import type { ReadDb } from '../read.ts';
import { decisions, similarLog } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export type SimilarRow = typeof similarLog.$inferSelect;
export type NewSimilarRow = typeof similarLog.$inferInsert;

/** Rows of one source that are kept: what a new process has to read. */
const ROWS_MAX = 10_000;
/** Of a source that nobody uses any more. */
const UNUSED_DAYS = 30;
/** One append in so many trims. */
const TRIM_EVERY = 500;

/** The log as a process that judges needs it. */
export interface SimilarLog {
  /** Where a new process begins to read. */
  start(source: string): Promise<number>;
  /** The rows behind this one, in their order. */
  read(source: string, page: { after: number; limit: number }): Promise<SimilarRow[]>;
  /** @returns the row's id */
  append(row: NewSimilarRow): Promise<number>;
}

export async function findSimilarRow(tx: WriteTx, id: number): Promise<SimilarRow | undefined> {
  const [row] = await tx.select().from(similarLog).where(eq(similarLog.id, id));
  return row;
}

/**
 * The last statement of its transaction: it holds a lock until the commit, without which rows could
 * become visible in another order than their ids', and a process that follows would miss some.
 */
export async function appendSimilar(
  tx: Pick<WriteTx, 'execute' | 'insert'>,
  row: NewSimilarRow,
): Promise<number> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${row.source}, 0))`);
  const [inserted] = await tx.insert(similarLog).values(row).returning({ id: similarLog.id });
  if (!inserted) throw new Error('the insert returned no row');
  return inserted.id;
}

/** Appends on its own: no cached result depends on these rows, so nobody is waited for. */
export function createSimilarLog({ db, write }: { db: ReadDb; write: Sql }): SimilarLog {
  const writer = drizzle(write);
  const behind = (source: string) =>
    db
      .select({ id: similarLog.id })
      .from(similarLog)
      .where(eq(similarLog.source, source))
      .orderBy(desc(similarLog.id))
      .offset(ROWS_MAX)
      .limit(1);

  async function start(source: string): Promise<number> {
    const [row] = await behind(source);
    return row?.id ?? 0;
  }

  async function trim(source: string): Promise<void> {
    const last = await start(source);
    await writer
      .delete(similarLog)
      .where(
        or(
          and(eq(similarLog.source, source), lte(similarLog.id, last)),
          lt(similarLog.createdAt, sql`now() - ${UNUSED_DAYS} * interval '1 day'`),
        ),
      );
  }

  return {
    start,
    read: (source, { after, limit }) =>
      db
        .select()
        .from(similarLog)
        .where(and(eq(similarLog.source, source), gt(similarLog.id, after)))
        .orderBy(asc(similarLog.id))
        .limit(limit),
    async append(row) {
      const id = await writer.transaction((tx) => appendSimilar(tx, row));
      if (id % TRIM_EVERY === 0) await trim(row.source);
      return id;
    },
  };
}

/** Days of decisions that statistics look at. */
const SAVINGS_DAYS = 30;

/** Sums for `savingsOf`, of the last 30 days; of the log, as far as it is kept. */
export async function countSavings(db: ReadDb) {
  const since = sql`now() - ${SAVINGS_DAYS} * interval '1 day'`;
  const [kinds, [audits], [rated]] = await Promise.all([
    db
      .select({
        reuse: decisions.reuse,
        prompts: count(),
        tokens: sql<number>`coalesce(sum(${decisions.tokens} + ${decisions.tokensSaved}), 0)::float8`,
      })
      .from(decisions)
      .where(gt(decisions.createdAt, since))
      .groupBy(decisions.reuse),
    db
      .select({
        count: count(),
        failed: sql<number>`count(*) FILTER (WHERE NOT ${similarLog.isRight})::int`,
        reuses: sql<number>`coalesce(sum(${similarLog.weight} - 1), 0)`,
        reusesSquared: sql<number>`coalesce(sum((${similarLog.weight} - 1) ^ 2), 0)`,
        wrongReuses: sql<number>`coalesce(sum(${similarLog.weight} - 1) FILTER (WHERE NOT ${similarLog.isRight}), 0)`,
      })
      .from(similarLog)
      .where(and(eq(similarLog.kind, 'audit'), gt(similarLog.createdAt, since))),
    db
      .select({ count: count() })
      .from(decisions)
      .where(
        and(
          eq(decisions.reuse, 'similar'),
          eq(decisions.verdict, 'bad'),
          gt(decisions.createdAt, since),
        ),
      ),
  ]);
  const of = (reuse: (typeof kinds)[number]['reuse']) => {
    const { prompts = 0, tokens = 0 } = kinds.find((kind) => kind.reuse === reuse) ?? {};
    return { prompts, tokens };
  };
  return {
    asked: of('none'),
    exact: of('exact'),
    similar: of('similar'),
    audits: audits ?? { count: 0, failed: 0, reuses: 0, reusesSquared: 0, wrongReuses: 0 },
    ratedBad: rated?.count ?? 0,
  };
}

/** Decisions of a project, and what of the project they depend on. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { decisions, preferences, projects, scenes } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export type DecisionRow = typeof decisions.$inferSelect;
export type NewDecision = typeof decisions.$inferInsert;

/** The last decision of the page before. */
export interface DecisionCursor {
  readonly createdAt: Date;
  readonly id: string;
}

interface DecisionId {
  readonly projectId: string;
  readonly decisionId: string;
}

const isDecision = ({ projectId, decisionId }: DecisionId) =>
  and(eq(decisions.id, decisionId), eq(decisions.projectId, projectId));

/** Undefined when the project is gone. Asked for each decision, so it is one statement. */
export async function findDecisionBasis(
  db: ReadDb,
  { projectId, wish }: { projectId: string; wish: string },
) {
  const ofProject = sql`FROM ${scenes} WHERE ${scenes.projectId} = ${projects.id}`;
  const [basis] = await db
    .select({
      ownerId: projects.ownerId,
      reuseScope: sql<string | null>`(SELECT ${preferences.settings}->>'reuseScope'
        FROM ${preferences} WHERE ${preferences.userId} = ${projects.ownerId})`,
      /** Of scenes, and their types: what a prompt may call them. */
      names: sql<string[]>`ARRAY(SELECT ${scenes.name} ${ofProject}
        UNION ALL SELECT ${scenes.type} ${ofProject})`,
      /** Answers to this wish that the owner's people called wrong. */
      refused: sql<number>`(SELECT count(*)::int FROM ${decisions} d JOIN ${projects} p ON p.id = d.project_id
        WHERE d.wish = ${wish} AND d.verdict = 'bad' AND p.owner_id = ${projects.ownerId})`,
      projectType: projects.type,
      sceneCount: sql<number>`(SELECT count(*)::int ${ofProject})`,
      lastSceneType: sql<
        string | null
      >`(SELECT ${scenes.type} ${ofProject} ORDER BY ${scenes.position} DESC LIMIT 1)`,
    })
    .from(projects)
    .where(eq(projects.id, projectId));
  return basis;
}

export async function insertDecision(tx: WriteTx, decision: NewDecision): Promise<DecisionRow> {
  const [row] = await tx.insert(decisions).values(decision).returning();
  if (!row) throw new Error('the insert returned no row');
  return row;
}

export async function hasDecision(tx: WriteTx, id: DecisionId): Promise<boolean> {
  const rows = await tx.select({ id: decisions.id }).from(decisions).where(isDecision(id));
  return rows.length > 0;
}

/** Locks the row: of two that apply it at once, one waits. */
export async function lockDecision(tx: WriteTx, id: DecisionId): Promise<DecisionRow | undefined> {
  const [row] = await tx.select().from(decisions).where(isDecision(id)).for('update');
  return row;
}

export async function findDecisionProject(db: ReadDb, decisionId: string) {
  const [row] = await db
    .select({ projectId: decisions.projectId })
    .from(decisions)
    .where(eq(decisions.id, decisionId));
  return row?.projectId;
}

export async function setVerdict(
  tx: WriteTx,
  id: DecisionId,
  verdict: NonNullable<DecisionRow['verdict']>,
): Promise<void> {
  await tx.update(decisions).set({ verdict }).where(isDecision(id));
}

export async function markApplied(tx: WriteTx, id: DecisionId): Promise<void> {
  await tx
    .update(decisions)
    .set({ appliedAt: new Date() })
    .where(and(isDecision(id), isNull(decisions.appliedAt)));
}

/** The latest first. */
export async function listDecisions(
  db: ReadDb,
  projectId: string,
  { limit, cursor }: { limit: number; cursor?: DecisionCursor | undefined },
): Promise<DecisionRow[]> {
  const after =
    cursor &&
    sql`(${decisions.createdAt}, ${decisions.id}) < (${cursor.createdAt.toISOString()}, ${cursor.id})`;
  return db
    .select()
    .from(decisions)
    .where(and(eq(decisions.projectId, projectId), after))
    .orderBy(desc(decisions.createdAt), desc(decisions.id))
    .limit(limit);
}

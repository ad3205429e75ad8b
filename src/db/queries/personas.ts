/** Personas, by name. */
import { and, eq, gt, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { personas, type Traits } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export interface Persona {
  id: string;
  name: string;
  archetype: string;
  traits: Traits;
  voice: string | null;
  systemPrompt: string;
  version: number;
  updatedAt: Date;
}

export interface PersonaContent {
  archetype: string;
  traits: Traits;
  voice: string | null;
  systemPrompt: string;
}

const columns = {
  id: personas.id,
  name: personas.name,
  archetype: personas.archetype,
  traits: personas.traits,
  voice: personas.voice,
  systemPrompt: personas.systemPrompt,
  version: personas.version,
  updatedAt: personas.updatedAt,
};

export async function findPersonaId(db: ReadDb, name: string): Promise<string | undefined> {
  const [row] = await db.select({ id: personas.id }).from(personas).where(eq(personas.name, name));
  return row?.id;
}

export async function findPersona(
  db: Pick<ReadDb, 'select'>,
  name: string,
): Promise<Persona | undefined> {
  const [row] = await db.select(columns).from(personas).where(eq(personas.name, name));
  return row;
}

/** By name, those after the given one. */
export async function listPersonas(
  db: ReadDb,
  { after, limit }: { after: string; limit: number },
): Promise<Persona[]> {
  return db
    .select(columns)
    .from(personas)
    .where(gt(personas.name, after))
    .orderBy(personas.name)
    .limit(limit);
}

/** Undefined if the name is taken. */
export async function insertPersona(
  tx: WriteTx,
  persona: PersonaContent & { name: string },
): Promise<Persona | undefined> {
  const [row] = await tx
    .insert(personas)
    .values(persona)
    .onConflictDoNothing({ target: personas.name })
    .returning(columns);
  return row;
}

/** Undefined if there is none of that name, or it has another version than the expected one. */
export async function updatePersona(
  tx: WriteTx,
  name: string,
  change: { expectedVersion?: number | undefined; content: Partial<PersonaContent> },
): Promise<Persona | undefined> {
  const { expectedVersion, content } = change;
  const [row] = await tx
    .update(personas)
    .set({ ...content, version: sql`${personas.version} + 1`, updatedAt: new Date() })
    .where(
      and(
        eq(personas.name, name),
        expectedVersion === undefined ? undefined : eq(personas.version, expectedVersion),
      ),
    )
    .returning(columns);
  return row;
}

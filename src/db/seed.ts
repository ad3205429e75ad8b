/**
 * The demo: two users who can sign in with what the README says, two projects of animated scenes,
 * the bots, and what one of the users and two of the bots have said to each other. Running it again
 * adds only what is missing and changes nothing that people made of it.
 * Made on the embedded default or when asked for, never on a real database by itself.
 */
import { randomUUID } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import { and, eq } from 'drizzle-orm';
import { accounts, conversations, messages, projects, scenes, users } from './schema/index.ts';
import { seedConversations } from './seed/conversations.ts';
import { addPersonas } from './seed/personas.ts';
import { seedScenes, type SeedScene } from './seed/scenes.ts';
import type { Write, WriteTx } from './write.ts';

const DEMO_USERS = [
  { email: 'demo@example.com', password: 'demo-password', name: 'Demo', role: 'user' },
  { email: 'admin@example.com', password: 'admin-password', name: 'Admin', role: 'admin' },
] as const;

export interface SeedProgress {
  readonly done: number;
  readonly total: number;
  /** What was just done, e.g. `project Aurora`. */
  readonly what: string;
}

export interface SeedResult {
  readonly users: number;
  readonly projects: number;
  readonly scenes: number;
  readonly personas: number;
  readonly conversations: number;
}

/** @returns how many of each were added; all 0 when everything was there */
export async function seed(
  write: Write,
  onProgress: (progress: SeedProgress) => void = () => {},
): Promise<SeedResult> {
  const byProject = Map.groupBy(seedScenes(), (scene) => scene.project);
  const total = DEMO_USERS.length + byProject.size + 1;
  const added = { users: 0, projects: 0, scenes: 0, personas: 0, conversations: 0 };
  let done = 0;

  for (const user of DEMO_USERS) {
    if (await write((tx) => addUser(tx, user))) added.users += 1;
    onProgress({ done: ++done, total, what: `user ${user.email}` });
  }
  for (const [name, list] of byProject) {
    // A project comes with its scenes or not at all, so that an interrupted seed can be repeated.
    if (await write((tx) => addProject(tx, name, list))) {
      added.projects += 1;
      added.scenes += list.length;
    }
    onProgress({ done: ++done, total, what: `project ${name}` });
  }
  // Last, and together: a database that has bots has the whole demo.
  await write(async (tx) => {
    added.personas = await addPersonas(tx);
    added.conversations = await addConversations(tx);
  });
  onProgress({ done: ++done, total, what: 'bots and conversations' });
  return added;
}

async function addUser(tx: WriteTx, user: (typeof DEMO_USERS)[number]): Promise<boolean> {
  const { email, name, role } = user;
  const [row] = await tx
    .insert(users)
    .values({ email, name, role, emailVerified: true, username: email.split('@')[0] ?? email })
    .onConflictDoNothing()
    .returning({ id: users.id });
  if (!row) return false;
  await tx.insert(accounts).values({
    userId: row.id,
    accountId: row.id,
    providerId: 'credential',
    password: await hashPassword(user.password),
  });
  return true;
}

async function addProject(tx: WriteTx, name: string, list: readonly SeedScene[]): Promise<boolean> {
  const owner = await lockDemoUser(tx);
  if (!owner) return false;
  const existing = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(and(eq(projects.ownerId, owner.id), eq(projects.name, name)));
  if (existing.length > 0) return false;
  const [project] = await tx
    .insert(projects)
    .values({ ownerId: owner.id, name, type: 'video' })
    .returning({ id: projects.id });
  if (!project) throw new Error('the insert returned no row');
  await tx.insert(scenes).values(
    list.map((scene, position) => ({
      projectId: project.id,
      position,
      name: scene.name,
      type: scene.type,
      tsxCode: scene.tsxCode,
      props: scene.props,
      durationMs: scene.durationMs,
    })),
  );
  return true;
}

/** All of them, or none where the user has talked to anybody. */
async function addConversations(tx: WriteTx): Promise<number> {
  const user = await lockDemoUser(tx);
  if (!user) return 0;
  const existing = await tx
    .select({ id: conversations.id })
    .from(conversations)
    .where(eq(conversations.userId, user.id))
    .limit(1);
  if (existing.length > 0) return 0;
  const placed = seedConversations(new Date()).map((each) => ({ ...each, id: randomUUID() }));
  await tx.insert(conversations).values(
    placed.map(({ id, botName, messages: said }) => ({
      id,
      botName,
      userId: user.id,
      createdAt: said[0]?.createdAt,
      updatedAt: said.at(-1)?.createdAt,
    })),
  );
  await tx
    .insert(messages)
    .values(
      placed.flatMap(({ id: conversationId, messages: said }) =>
        said.map((message, position) => ({ conversationId, position, ...message })),
      ),
    );
  return placed.length;
}

/** So that two seeds at once do not both find nothing. */
async function lockDemoUser(tx: WriteTx): Promise<{ id: string } | undefined> {
  const [user] = await tx
    .select({ id: users.id })
    .from(users)
    .where(eq(users.email, DEMO_USERS[0].email))
    .for('update');
  return user;
}

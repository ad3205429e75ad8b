/**
 * All that people can ask of cached procedures, as values that can be compared: what a cached
 * caller answers must be what the same caller answers past every cache.
 */
import { isDeepStrictEqual } from 'node:util';
import { TRPCError } from '@trpc/server';
import { decisionAsks } from './decision-world.ts';
import type { Caller, Studio } from './fixture.ts';
import type { Role } from './people.ts';
import { talkAsks } from './personality-world.ts';

export type Outcome = { readonly value: unknown } | { readonly code: string; message: string };

/** By `<person> <procedure> <ids>`. */
export type Answers = ReadonlyMap<string, Outcome>;

export interface Place {
  readonly projectId: string;
  readonly sceneIds: readonly string[];
}

export interface AskOptions {
  readonly places: readonly Place[];
  /** Also `component.build`, which costs a build where the scene cannot be built. */
  readonly builds: boolean;
}

/** Everybody whose relation to a project differs; an admin is nobody there. */
const ASKING: readonly Role[] = ['owner', 'editor', 'viewer', 'outsider'];

type Ask = (caller: Caller) => Promise<unknown>;

async function outcomeOf(asked: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await asked };
  } catch (error) {
    if (!(error instanceof TRPCError) || error.code === 'INTERNAL_SERVER_ERROR') throw error;
    return { code: error.code, message: error.message };
  }
}

export async function askAll(
  callerOf: (who: Role) => Caller,
  options: AskOptions,
): Promise<Answers> {
  const answers = ASKING.flatMap((who) => {
    const caller = callerOf(who);
    return [...asksOf(options, who)].map(
      async ([name, ask]) => [`${who} ${name}`, await outcomeOf(ask(caller))] as const,
    );
  });
  // All of them, also when one fails: nothing is under way any more when this returns.
  const settled = await Promise.allSettled(answers);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return new Map(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
}

function* asksOf({ places, builds }: AskOptions, who: Role): Generator<[string, Ask]> {
  yield ['project.list', (caller) => caller.project.list()];
  yield* talkAsks(who);
  for (const { projectId, sceneIds } of places) {
    yield [`project.byId ${projectId}`, (caller) => caller.project.byId({ projectId })];
    yield [`project.members ${projectId}`, (caller) => caller.project.members({ projectId })];
    yield [`scene.list ${projectId}`, (caller) => caller.scene.list({ projectId })];
    yield [
      `scene.search ${projectId}`,
      (caller) => caller.scene.search({ projectId, query: 'the renamed scene' }),
    ];
    yield* decisionAsks(projectId);
    for (const sceneId of sceneIds) {
      const input = { projectId, sceneId };
      yield [`scene.byId ${sceneId}`, (caller) => caller.scene.byId(input)];
      if (builds) yield [`component.build ${sceneId}`, (caller) => caller.component.build(input)];
    }
  }
}

/** Every difference between what is answered and what is true, in words; empty when all is well. */
export async function findStale(studio: Studio, options: AskOptions): Promise<string[]> {
  const cached = await askAll((who) => studio.as(who), options);
  const source = await askAll(studio.sources(), options);
  return differences(cached, source);
}

function differences(cached: Answers, source: Answers): string[] {
  return [...source].flatMap(([name, truth]) => {
    const answer = cached.get(name);
    if (isDeepStrictEqual(answer, truth)) return [];
    return [`${name}\n  answered ${JSON.stringify(answer)}\n  instead of ${JSON.stringify(truth)}`];
  });
}

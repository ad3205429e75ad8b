import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { AppRouter } from '../../src/api/app-router.ts';
import { cachedQuery } from '../../src/api/cached.ts';
import { mutation } from '../../src/api/mutation.ts';
import type { GreenroomClient } from '../../src/client/index.ts';
import type { Scene } from '../../src/db/queries/scenes.ts';
import type { Write } from '../../src/db/write.ts';

// What is refused is refused by the compiler: every line below an @ts-expect-error has to be a fault.
const ofProject = z.object({ projectId: z.string() });
const ofNothing = z.object({ page: z.int() });
const tags = () => [];
const load = () => Promise.resolve('value');

describe('a cached query', () => {
  it('with project scope takes a role in the project that its input names', () => {
    const declare = () => [
      cachedQuery({
        name: 'a',
        scope: 'project',
        access: { project: 'viewer' },
        input: ofProject,
        tags,
        load,
      }),
      cachedQuery({
        name: 'b',
        scope: 'project',
        // @ts-expect-error -- the input names no project
        access: { project: 'viewer' },
        input: ofNothing,
        tags,
        load,
      }),
      cachedQuery({
        name: 'c',
        scope: 'project',
        // @ts-expect-error -- whoever is signed in is not yet a member
        access: 'signedIn',
        input: ofProject,
        tags,
        load,
      }),
      cachedQuery({
        name: 'd',
        scope: 'project',
        // @ts-expect-error -- there is no such role
        access: { project: 'visitor' },
        input: ofProject,
        tags,
        load,
      }),
      // @ts-expect-error -- who may read is always said
      cachedQuery({ name: 'e', scope: 'public', input: ofNothing, tags, load }),
      // @ts-expect-error -- what it depends on is always said
      cachedQuery({ name: 'f', scope: 'public', access: 'signedIn', input: ofNothing, load }),
    ];
    expectTypeOf(declare).toBeFunction();
  });

  it('sees who asks only where the entry is that person\u2019s own', () => {
    const declare = () => [
      cachedQuery({
        name: 'a',
        scope: 'user',
        access: 'signedIn',
        input: ofNothing,
        tags: ({ userId }) => [userId],
        load: ({ userId, input }) => Promise.resolve(`${userId} ${input.page}`),
      }),
      cachedQuery({
        name: 'b',
        scope: 'project',
        access: { project: 'viewer' },
        input: ofProject,
        tags,
        // @ts-expect-error -- all members share the entry
        load: ({ userId }) => Promise.resolve(String(userId)),
      }),
      cachedQuery({
        name: 'c',
        scope: 'public',
        access: 'signedIn',
        input: ofNothing,
        // @ts-expect-error -- everybody shares the entry
        tags: ({ userId }) => [String(userId)],
        load,
      }),
    ];
    expectTypeOf(declare).toBeFunction();
  });

  it('cannot write, and gets nothing of the request', () => {
    const declare = () =>
      cachedQuery({
        name: 'a',
        scope: 'public',
        access: 'signedIn',
        input: ofNothing,
        tags,
        load: (_args, context) => {
          expectTypeOf(context).not.toHaveProperty('write');
          expectTypeOf(context).not.toHaveProperty('ctx');
          expectTypeOf(context).not.toHaveProperty('session');
          expectTypeOf(context.db).not.toHaveProperty('insert');
          return Promise.resolve(1);
        },
      });
    expectTypeOf(declare).toBeFunction();
  });
});

describe('a mutation', () => {
  it('gets the one way to write, and can ask for a role only in a project that is named', () => {
    const declare = () => [
      mutation({
        access: 'signedIn',
        input: ofNothing,
        run: ({ write, input }) => {
          expectTypeOf(write).toEqualTypeOf<Write>();
          expectTypeOf(input).toEqualTypeOf<{ page: number }>();
          return Promise.resolve(null);
        },
      }),
      mutation({
        // @ts-expect-error -- the input names no project
        access: { project: 'editor' },
        input: ofNothing,
        run: () => Promise.resolve(null),
      }),
    ];
    expectTypeOf(declare).toBeFunction();
  });
});

describe('a client', () => {
  type Outputs = inferRouterOutputs<AppRouter>;
  type Inputs = inferRouterInputs<AppRouter>;
  type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;

  it('gets what the router answers, Dates included, with no trace of the cache', () => {
    expectTypeOf<Outputs['scene']['list']>().toEqualTypeOf<Scene[]>();
    expectTypeOf<Outputs['scene']['byId']>().toEqualTypeOf<Scene>();
    type Client = GreenroomClient;
    expectTypeOf<Answer<Client['scene']['list']['query']>>().toEqualTypeOf<Scene[]>();
    expectTypeOf<Answer<Client['scene']['byId']['query']>>().toEqualTypeOf<Scene>();
    expectTypeOf<Answer<Client['scene']['byId']['query']>['createdAt']>().toEqualTypeOf<Date>();
    expectTypeOf<Answer<Client['project']['list']['query']>>().toEqualTypeOf<
      Outputs['project']['list']
    >();
    expectTypeOf<Answer<Client['component']['build']['query']>>().toEqualTypeOf<
      Outputs['component']['build']
    >();
    expectTypeOf<Answer<Client['project']['create']['mutate']>>().toEqualTypeOf<
      Outputs['project']['create']
    >();
  });

  it('gives what the router takes, and cannot mutate by a query', () => {
    expectTypeOf<Inputs['scene']['byId']>().toEqualTypeOf<{ projectId: string; sceneId: string }>();
    expectTypeOf<Parameters<GreenroomClient['scene']['byId']['query']>[0]>().toEqualTypeOf<
      Inputs['scene']['byId']
    >();
    expectTypeOf<GreenroomClient['scene']['byId']>().not.toHaveProperty('mutate');
    expectTypeOf<GreenroomClient['scene']['create']>().not.toHaveProperty('query');
  });
});

/** What is not as it should be is refused with its proper code, naming the field, leaking nothing. */
import { getTRPCErrorFromUnknown, type TRPCError } from '@trpc/server';
import { randomUUID } from 'node:crypto';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatError } from '../../src/api/errors.ts';
import { createStudio, type Caller, type Studio } from './fixture.ts';
import { addTeam, BROKEN_TSX, FORBIDDEN_TSX, TSX } from './people.ts';
import type { Team } from './procedures.ts';

let studio: Studio;
let team: Team;
let other: Team;
let owner: Caller;

beforeAll(async () => {
  studio = await createStudio();
  [team, other] = [await addTeam(studio), await addTeam(studio)];
  owner = studio.as('owner');
});

afterAll(() => studio[Symbol.asyncDispose]());

/** The error as a client would get it. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ code: string; message: string; text: string }> {
  const error: TRPCError = await call.then(
    (value) => {
      throw new Error(`was not refused: ${JSON.stringify(value)}`);
    },
    (reason: unknown) => getTRPCErrorFromUnknown(reason),
  );
  const shape = formatError({
    error,
    shape: {
      message: error.message,
      code: -32_600,
      data: { code: error.code, httpStatus: 400, stack: error.stack ?? '' },
    },
    ctx: { requestId: 'request-1' },
  });
  return { code: error.code, message: shape.message, text: JSON.stringify(shape) };
}

const scene = () => ({ projectId: team.projectId, name: 'x', type: 'intro', tsxCode: TSX });
const first = () => ({ projectId: team.projectId, sceneId: team.sceneIds[0]! });
/** JSON with so many objects inside each other. */
const nested = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
/** As a client that knows no types would send it. */
const untyped = (value: unknown) => value as never;

describe('input that is not valid is a BAD_REQUEST that names the field', () => {
  const CASES: [what: string, field: string, call: () => Promise<unknown>][] = [
    ['no input at all', 'expected object', () => owner.project.byId(untyped(undefined))],
    ['an id that is no UUID', 'projectId', () => owner.project.byId({ projectId: 'x' })],
    ['a number for an id', 'projectId', () => owner.scene.list(untyped({ projectId: 1 }))],
    [
      'an id with SQL in it',
      'sceneId',
      () => owner.scene.byId({ ...first(), sceneId: "' or 1=1 --" }),
    ],
    ['an empty name', 'name', () => owner.project.create({ name: '  ' })],
    ['a name of 201 characters', 'name', () => owner.project.create({ name: 'n'.repeat(201) })],
    [
      'a type of 65 characters',
      'type',
      () => owner.project.create({ name: 'n', type: 't'.repeat(65) }),
    ],
    [
      'no e-mail address',
      'email',
      () => owner.project.addMember({ projectId: team.projectId, email: 'nobody', role: 'viewer' }),
    ],
    [
      'a role that does not exist',
      'role',
      () =>
        owner.project.addMember(
          untyped({ projectId: team.projectId, email: 'a@b.cc', role: 'owner' }),
        ),
    ],
    [
      'source of more than 256 Ki characters',
      'tsxCode',
      () => owner.scene.create({ ...scene(), tsxCode: 'x'.repeat(256 * 1024 + 1) }),
    ],
    ['no source', 'tsxCode', () => owner.scene.create({ ...scene(), tsxCode: '' })],
    [
      'props of more than 64 Ki characters',
      'props',
      () => owner.scene.create({ ...scene(), props: { text: 'x'.repeat(64 * 1024) } }),
    ],
    [
      'props that are a list',
      'props',
      () => owner.scene.create(untyped({ ...scene(), props: [] })),
    ],
    [
      'props that are no JSON',
      'props',
      () => owner.scene.create(untyped({ ...scene(), props: { at: new Date() } })),
    ],
    ['a duration of 0', 'durationMs', () => owner.scene.create({ ...scene(), durationMs: 0 })],
    [
      'a duration of half a millisecond',
      'durationMs',
      () => owner.scene.create({ ...scene(), durationMs: 0.5 }),
    ],
    [
      'a duration of more than an hour',
      'durationMs',
      () => owner.scene.update({ ...first(), durationMs: 3_600_001 }),
    ],
    [
      'an expected version of 0',
      'expectedVersion',
      () => owner.scene.update({ ...first(), expectedVersion: 0 }),
    ],
    [
      'more scenes than there can be',
      'sceneIds',
      () =>
        owner.scene.reorder({
          projectId: team.projectId,
          sceneIds: Array.from({ length: 501 }, () => randomUUID()),
        }),
    ],
    [
      'an order that lacks a scene',
      'sceneIds',
      () => owner.scene.reorder({ projectId: team.projectId, sceneIds: team.sceneIds.slice(1) }),
    ],
    [
      'an order that has a scene twice',
      'sceneIds',
      () => {
        const [a, , c] = team.sceneIds as [string, string, string];
        return owner.scene.reorder({ projectId: team.projectId, sceneIds: [a, a, c] });
      },
    ],
    [
      "an order with another project's scene",
      'sceneIds',
      () =>
        owner.scene.reorder({
          projectId: team.projectId,
          sceneIds: [...team.sceneIds.slice(1), other.sceneIds[0]!],
        }),
    ],
    ['no tags to invalidate', 'tags', () => studio.as('admin').admin.invalidate({ tags: [] })],
    [
      'a tag of 501 characters',
      'tags',
      () => studio.as('admin').admin.invalidate({ tags: ['t'.repeat(501)] }),
    ],
    [
      'more tags than one call takes',
      'tags',
      () => studio.as('admin').admin.invalidate({ tags: Array.from({ length: 1_001 }, String) }),
    ],
    [
      'an admin deleting himself',
      'userId',
      () => studio.as('admin').admin.deleteUser({ userId: studio.people.admin.id }),
    ],
    [
      'an admin deleting himself in capitals',
      'userId',
      () => studio.as('admin').admin.deleteUser({ userId: studio.people.admin.id.toUpperCase() }),
    ],
  ];

  it.each(CASES)('%s', async (_what, field, call) => {
    const { code, message, text } = await refusal(call());
    expect(code).toBe('BAD_REQUEST');
    expect(message).toContain(field);
    expectNoLeak(text);
  });

  it.each<[what: string, field: string, call: () => Promise<unknown>]>([
    ['a name with a NUL', 'name', () => owner.project.create({ name: 'a\0b' })],
    ['a NUL in a look-up', 'name', () => owner.persona.byName({ name: 'el\0ara' })],
    [
      'a NUL in a question for a model',
      'prompt',
      () => owner.decision.make({ projectId: team.projectId, prompt: 'a\0b' }),
    ],
    [
      'a NUL within props',
      'props.rows.1.label',
      () => owner.scene.create({ ...scene(), props: { rows: [{}, { label: '\0' }] } }),
    ],
    [
      'a NUL in the name of a trait',
      'traits',
      () => owner.personality.tune({ traits: { 'a\0': 1 } }),
    ],
    [
      'props within props, without an end',
      'props',
      () => owner.scene.create({ ...scene(), props: JSON.parse(nested(200)) as never }),
    ],
    [
      'a version beyond all versions',
      'expectedVersion',
      () => owner.scene.update({ ...first(), expectedVersion: 2 ** 31 }),
    ],
    [
      'a place beyond all places',
      'cursor',
      () => owner.assistant.history({ conversationId: randomUUID(), cursor: 2 ** 31 }),
    ],
    [
      'a time beyond the calendar',
      'cursor.updatedAt',
      () =>
        owner.assistant.conversations({
          cursor: { updatedAt: new Date(8.64e15), id: randomUUID() },
        }),
    ],
    [
      'a time before the calendar',
      'cursor.createdAt',
      () =>
        owner.decision.history({
          projectId: team.projectId,
          cursor: { createdAt: new Date(-8.64e15), id: randomUUID() },
        }),
    ],
  ])('also where only the database would refuse it: %s', async (_what, field, call) => {
    const { code, message, text } = await refusal(call());
    expect({ code, message }).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(field),
    });
    expectNoLeak(text);
  });

  it.each(['constructor', 'prototype'])(
    'also a field called %s, which could be stored and never be answered',
    async (name) => {
      const fields = { [name]: 0.5 };
      for (const call of [
        owner.scene.create({ ...scene(), props: { deep: [fields] } }),
        owner.personality.tune({ traits: fields }),
        owner.personality.save({ analysis: { traits: fields } }),
        owner.preferences.update(fields),
      ]) {
        expect(await refusal(call)).toMatchObject({ code: 'BAD_REQUEST' });
      }
      const stored = [
        await owner.scene.list({ projectId: team.projectId }),
        await owner.personality.get(),
        await owner.preferences.get(),
      ];
      expect(JSON.stringify(superjson.serialize(stored))).not.toContain(name);
    },
  );

  it('but half of an emoji, as of a text that was cut, is taken for a character unknown', async () => {
    const half = 'cut \ud83c';
    const made = await owner.scene.create({ ...scene(), name: half, props: { [half]: [half] } });
    expect(made).toMatchObject({ name: 'cut \ufffd', props: { 'cut \ufffd': ['cut \ufffd'] } });
    expect(await owner.scene.byId({ ...first(), sceneId: made.id })).toEqual(made);
    expect(await owner.preferences.update({ note: half })).toMatchObject({ note: 'cut \ufffd' });
    await owner.preferences.update({ note: null });
    await owner.scene.delete({ ...first(), sceneId: made.id });
  });

  it('is refused before anybody is told whether the project exists', async () => {
    const call = studio.as('outsider').scene.create({ ...scene(), name: '' });
    expect(await refusal(call)).toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('and signed out it is not even looked at', async () => {
    const call = studio.as('nobody').project.byId({ projectId: 'x' });
    expect(await refusal(call)).toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

describe('ids in capitals are the same ids', () => {
  it('for who orders scenes, and for a member who leaves', async () => {
    const { projectId, sceneIds } = await addTeam(studio);
    const wanted = sceneIds.toReversed();
    const ordered = await studio.as('editor').scene.reorder({
      projectId: projectId.toUpperCase(),
      sceneIds: wanted.map((sceneId) => sceneId.toUpperCase()),
    });
    expect(ordered.map((each) => each.id)).toEqual(wanted);
    const userId = studio.people.viewer.id;
    const left = studio
      .as('viewer')
      .project.removeMember({ projectId, userId: userId.toUpperCase() });
    expect(await left).toMatchObject({ userId });
  });
});

describe('what does not exist is NOT_FOUND', () => {
  const unknown = randomUUID();
  const CASES: [what: string, call: () => Promise<unknown>][] = [
    ['a project', () => owner.project.byId({ projectId: unknown })],
    ['its members', () => owner.project.members({ projectId: unknown })],
    ['its scenes', () => owner.scene.list({ projectId: unknown })],
    ['a project to open', () => owner.project.open({ projectId: unknown })],
    ['a project to delete', () => owner.project.delete({ projectId: unknown })],
    ['a scene', () => owner.scene.byId({ ...first(), sceneId: unknown })],
    ['a scene to update', () => owner.scene.update({ ...first(), sceneId: unknown, name: 'n' })],
    [
      'a scene to update with a version',
      () => owner.scene.update({ ...first(), sceneId: unknown, expectedVersion: 1 }),
    ],
    ['a scene to delete', () => owner.scene.delete({ ...first(), sceneId: unknown })],
    ['a scene to build', () => owner.component.build({ ...first(), sceneId: unknown })],
    [
      'a user with this e-mail address',
      () =>
        owner.project.addMember({
          projectId: team.projectId,
          email: `${unknown}@example.com`,
          role: 'viewer',
        }),
    ],
    [
      'a member to remove',
      () => owner.project.removeMember({ projectId: team.projectId, userId: unknown }),
    ],
    ['a project to warm', () => studio.as('admin').admin.warm({ projectId: unknown })],
    ['a user to delete', () => studio.as('admin').admin.deleteUser({ userId: unknown })],
    ['a cache to flush', () => studio.as('admin').admin.flush({ cache: 'nothing' })],
    [
      'a cache to switch off',
      () => studio.as('admin').admin.setCacheEnabled({ cache: 'nothing', enabled: false }),
    ],
    [
      "another project's scene",
      () => owner.scene.byId({ ...first(), sceneId: other.sceneIds[0]! }),
    ],
    [
      "another project's scene to update",
      () => owner.scene.update({ ...first(), sceneId: other.sceneIds[0]!, name: 'n' }),
    ],
    [
      "another project's scene to delete",
      () => owner.scene.delete({ ...first(), sceneId: other.sceneIds[0]! }),
    ],
    [
      "another project's scene to build",
      () => owner.component.build({ ...first(), sceneId: other.sceneIds[0]! }),
    ],
  ];

  it.each(CASES)('%s', async (_what, call) => {
    const { code, text } = await refusal(call());
    expect(code).toBe('NOT_FOUND');
    expectNoLeak(text);
  });

  it("and another project's scene stays as it was", async () => {
    const input = { projectId: other.projectId, sceneId: other.sceneIds[0]! };
    expect(await owner.scene.byId(input)).toMatchObject({ name: 'Scene 0', version: 1 });
  });
});

describe('a conflict', () => {
  it('of versions says which version there is, and changes nothing', async () => {
    const { version } = await owner.scene.update({ ...first(), name: 'newer' });
    const late = owner.scene.update({ ...first(), name: 'late', expectedVersion: version - 1 });
    const { code, message, text } = await refusal(late);
    expect({ code, message }).toEqual({
      code: 'CONFLICT',
      message: `The scene has version ${version}, not ${version - 1}: load it again`,
    });
    expectNoLeak(text);
    expect(await owner.scene.byId(first())).toMatchObject({ name: 'newer', version });
    const { projectId } = team;
    expect(
      await owner.scene.update({ ...first(), name: 'in time', expectedVersion: version }),
    ).toMatchObject({ projectId, name: 'in time', version: version + 1 });
  });

  it('is what adding the owner as a member is', async () => {
    const { email } = studio.people.owner;
    const call = owner.project.addMember({ projectId: team.projectId, email, role: 'viewer' });
    expect(await refusal(call)).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a bound that is reached is said', () => {
  it('for projects of one person', async () => {
    const { id } = studio.people.editor;
    await studio.sql`INSERT INTO projects (owner_id, name) SELECT ${id}, n::text FROM generate_series(1, 500) n`;
    const { code, message } = await refusal(studio.as('editor').project.create({ name: 'n' }));
    expect(code).toBe('PRECONDITION_FAILED');
    expect(message).toContain('500');
  });

  it('also by calls at the same time', async () => {
    const { id } = studio.people.viewer;
    await studio.sql`INSERT INTO projects (owner_id, name) SELECT ${id}, n::text FROM generate_series(1, 499) n`;
    const calls = Array.from({ length: 4 }, () =>
      studio.as('viewer').project.create({ name: 'n' }),
    );
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('for scenes of one project', async () => {
    const { projectId } = await addTeam(studio);
    await studio.sql`
      INSERT INTO scenes (project_id, name, type, position, tsx_code, duration_ms)
      SELECT ${projectId}, n::text, 'intro', n, 'x', 1 FROM generate_series(3, 499) n`;
    const { code, message } = await refusal(owner.scene.create({ ...scene(), projectId }));
    expect(code).toBe('PRECONDITION_FAILED');
    expect(message).toContain('500');
  });
});

describe('an error that nobody foresaw', () => {
  it('says nothing of SQL, of the stack or of the data', async () => {
    await using broken = await createStudio();
    const { id } = await broken.as('owner').project.create({ name: 'secret name' });
    await broken.sql`ALTER TABLE scenes RENAME COLUMN tsx_code TO gone`;
    const { code, message, text } = await refusal(broken.as('owner').scene.list({ projectId: id }));
    expect(code).toBe('INTERNAL_SERVER_ERROR');
    expect(message).toMatch(/request id/);
    expect(text).toContain('request-1');
    expectNoLeak(text);
  });
});

describe('source that cannot be built', () => {
  const CASES = [
    ['a forbidden import', FORBIDDEN_TSX, 1],
    ['what is not TSX', BROKEN_TSX, 2],
  ] as const;

  it.each(CASES)(
    'is saved as it is, and the build says where it is wrong: %s',
    async (_, tsxCode, line) => {
      const { id: sceneId } = await owner.scene.create({ ...scene(), tsxCode });
      const input = { projectId: team.projectId, sceneId };
      expect(await owner.scene.byId(input)).toMatchObject({ tsxCode });
      const build = await owner.component.build(input);
      expect(build).toMatchObject({ success: false, version: 1 });
      const [error] = build.success ? [] : build.errors;
      expect(error?.line).toBeGreaterThanOrEqual(line);
      expect(error?.column).toBeGreaterThan(0);
      expect(tsxCode).toContain(error?.lineText);
      await owner.scene.delete(input);
    },
  );

  it('is built anew each time, and what can be built is not', async () => {
    const broken = await owner.scene.create({ ...scene(), tsxCode: FORBIDDEN_TSX });
    const good = await owner.scene.create({ ...scene(), tsxCode: `${TSX}// good\n` });
    const outcomes = async (sceneId: string) => {
      const marks: string[] = [];
      const asking = studio.as('owner', ({ outcome }) => marks.push(outcome));
      for (let n = 0; n < 3; n += 1) {
        await asking.component.build({ projectId: team.projectId, sceneId });
      }
      return marks;
    };
    expect(await outcomes(broken.id)).toEqual(['miss', 'miss', 'miss']);
    expect(await outcomes(good.id)).toEqual(['miss', 'hit', 'hit']);
  });
});

function expectNoLeak(text: string): void {
  expect(text).not.toMatch(
    /select |insert |update "|relation|column|\.ts:|node_modules|secret name/i,
  );
  expect(text).not.toContain('stack');
}

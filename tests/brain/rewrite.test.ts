/** Code that a model writes for one scene: asked for where nothing else will do, kept nowhere, and built. */
import { describe, expect, it } from 'vitest';
import { createModelBrain } from '../../src/services/brain/index.ts';
import { createStudio } from '../domain/fixture.ts';
import { addTeam, BROKEN_TSX } from '../domain/people.ts';
import { createModelEndpoint, say } from './model-endpoint.ts';

const WISH = 'let the letters of the last scene fall like rain';
const INTENT = {
  action: {
    operation: 'edit',
    target: { by: 'place', place: -1 },
    changes: [
      { kind: 'duration', ms: 9_000 },
      { kind: 'code', wish: 'letters fall like rain' },
    ],
  },
  reasoning: 'It moves otherwise',
  confidence: 0.8,
};
const written = (text: string) => `export default () => <i>${text}</i>;\n`;

/** Answers the first question with the intent, and those for code one after the other. */
async function stage(codes: readonly string[], during: () => Promise<unknown> = async () => 0) {
  let intents = 0;
  let asked = 0;
  const requests: { prompt: string; tsxCode: string; complaint?: string }[] = [];
  const endpoint = await createModelEndpoint(async (response, { messages }) => {
    const question = JSON.parse(messages.at(-1)!.content) as (typeof requests)[number];
    if (question.tsxCode === undefined) {
      intents += 1;
      say(response, { content: JSON.stringify(INTENT) });
      return;
    }
    requests.push(question);
    await during();
    const code = codes[Math.min(asked, codes.length - 1)]!;
    asked += 1;
    say(response, { content: JSON.stringify({ tsxCode: code }) });
  });
  const brain = createModelBrain({ baseUrl: endpoint.url, apiKey: 'k', model: 'm', retryMs: 1 });
  const studio = await createStudio({ brain });
  const team = await addTeam(studio);
  return {
    ...team,
    studio,
    requests,
    intents: () => intents,
    owner: studio.as('owner'),
    sceneId: team.sceneIds[2]!,
    async [Symbol.asyncDispose]() {
      await studio[Symbol.asyncDispose]();
      await endpoint[Symbol.asyncDispose]();
    },
  };
}

describe('a wish that takes new code', () => {
  it('gets it, with what needs none, and is applied as it was shown', async () => {
    await using at = await stage([written('rain')]);
    const { projectId, sceneId, owner } = at;
    const before = await owner.scene.byId({ projectId, sceneId });
    const made = await owner.decision.make({ projectId, prompt: WISH });
    expect(made).toMatchObject({
      operation: 'edit',
      targetSceneId: sceneId,
      proposal: { edits: [{ sceneId, durationMs: 9_000, tsxCode: written('rain') }] },
    });
    expect(at.requests).toEqual([{ prompt: WISH, tsxCode: before.tsxCode, props: before.props }]);
    const { scene } = await owner['decision.apply']({ projectId, decisionId: made.id });
    expect(scene).toMatchObject({ tsxCode: written('rain'), durationMs: 9_000 });
    const [row] = await at.studio.sql`SELECT tokens FROM decisions WHERE id = ${made.id}`;
    expect(row!.tokens).toBe(240);
  });

  it('is asked for each time, of the code that there is, though its intent is reused', async () => {
    await using at = await stage([written('one'), written('two')]);
    const { projectId, sceneId, owner } = at;
    await owner.decision.make({ projectId, prompt: WISH });
    await owner.scene.update({ projectId, sceneId, tsxCode: written('changed') });
    const again = await owner.decision.make({ projectId, prompt: WISH });
    expect(again).toMatchObject({
      reuse: 'exact',
      proposal: { edits: [{ tsxCode: written('two') }] },
    });
    expect(at.intents()).toBe(1);
    expect(at.requests[1]!.tsxCode).toBe(written('changed'));
  });

  it('is asked once more for what does not build, with the reason', async () => {
    await using at = await stage([BROKEN_TSX, written('better')]);
    const { projectId, owner } = at;
    const made = await owner.decision.make({ projectId, prompt: WISH });
    expect(made.proposal).toMatchObject({ edits: [{ tsxCode: written('better') }] });
    expect(at.requests[1]!.complaint).toMatch(/^line 3: The character/);
  });

  it('fails clearly, and leaves nothing, when no code of it builds', async () => {
    await using at = await stage(["import fs from 'node:fs'; export default () => fs;"]);
    const { projectId, owner } = at;
    const asked = owner.decision.make({ projectId, prompt: WISH });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
    expect(at.requests).toHaveLength(2);
    expect((await owner.decision.history({ projectId })).items).toEqual([]);
  });

  it('is of no use for a scene that changed meanwhile', async () => {
    let change = async (): Promise<unknown> => undefined;
    await using at = await stage([written('late')], () => change());
    const { projectId, sceneId, owner } = at;
    change = () => owner.scene.update({ projectId, sceneId, name: 'Meanwhile' });
    const asked = owner.decision.make({ projectId, prompt: WISH });
    await expect(asked).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

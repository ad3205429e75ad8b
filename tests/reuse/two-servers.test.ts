/** Several processes, one model: it is asked once for what all of them are asked at once. */
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createModelEndpoint, say } from '../brain/model-endpoint.ts';
import { createGreenroomClient } from '../../src/client/index.ts';
import { startTestServer } from '../fixtures/server.ts';

/** Longer than processes wait for each other's ordinary loads, which is 5 s. */
const MODEL_MS = 6_000;
/** Longer than processes wait for the store between them, which is 200 ms. */
const PAUSE_MS = 300;
const SERVERS = 2;
const ANSWER = JSON.stringify({
  action: { operation: 'answer', about: 'sceneCount', text: null },
  reasoning: 'asked',
  confidence: 1,
});

it.each([
  ['however slow the model', MODEL_MS, 0],
  ['whatever pauses the servers make', PAUSE_MS * 4, PAUSE_MS],
])('one call for the same prompt in two servers at once, %s', async (_what, modelMs, pauseMs) => {
  await using endpoint = await createModelEndpoint(async (response, _request, call) => {
    if (call > SERVERS) await setTimeout(modelMs);
    say(response, { content: ANSWER });
  });
  // Without its lease, which a busy machine might lose, a server would ask by itself.
  const env = { AI_BASE_URL: endpoint.url, AI_MODEL: 'test-model', CACHE_LEASE_MS: '20000' };
  await using one = await startTestServer({ env });
  await using two = await startTestServer({ env, databaseUrl: one.databaseUrl });
  const owner = await one.signUp('owner');
  const { id: projectId } = await owner.client.project.create.mutate({ name: 'Asked' });
  const clients = [one, two].map(({ url }) => createGreenroomClient({ url, token: owner.token }));
  // A server that cannot claim a prompt in 200 ms does without, and its first claim takes connections.
  for (const [index, { decision }] of clients.entries()) {
    await decision.make.mutate({ projectId, prompt: `what can you do, ${index}` });
  }
  const prompt = 'how many scenes do I have';
  const pauses = setInterval(() => pause(pauseMs), pauseMs + 50);
  const made = await Promise.all(
    clients.flatMap(({ decision }) =>
      Array.from({ length: 4 }, () => decision.make.mutate({ projectId, prompt })),
    ),
  ).finally(() => clearInterval(pauses));
  expect(endpoint.requests).toHaveLength(SERVERS + 1);
  expect(made.filter(({ reuse }) => reuse === 'none')).toHaveLength(1);
  expect(made.filter(({ reuse }) => reuse === 'exact')).toHaveLength(7);
});

/** As the machine makes them: nothing of this process goes on. */
function pause(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

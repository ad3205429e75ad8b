/** The offline rules behind an endpoint that is paid for by the token, as a model would be. */
import {
  createOfflineBrain,
  type BrainContext,
  type Intent,
} from '../../../src/services/brain/index.ts';
import { createModelEndpoint, say } from '../../brain/model-endpoint.ts';

const rules = createOfflineBrain();
const nobody = new AbortController().signal;

interface Question {
  readonly project: BrainContext;
  readonly prompt: string;
  /** Where new code is asked for. */
  readonly tsxCode?: string;
}

export async function freshIntent(prompt: string, context: BrainContext): Promise<Intent> {
  return (await rules.decide(prompt, context, nobody)).intent;
}

/** Counts what it is asked to decide; code it gives back as it is, and that is never saved anyway. */
export async function createPaidEndpoint() {
  let calls = 0;
  const endpoint = await createModelEndpoint(async (response, { messages }) => {
    const { prompt, project, tsxCode } = JSON.parse(messages.at(-1)!.content) as Question;
    if (tsxCode !== undefined) {
      say(response, { content: JSON.stringify({ tsxCode }) });
      return;
    }
    calls += 1;
    say(response, { content: JSON.stringify(await freshIntent(prompt, project)) });
  });
  return {
    url: endpoint.url,
    calls: () => calls,
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

/**
 * A question that is put again and again to a model behind any OpenAI-compatible endpoint, each time
 * with other material. The answer is untrusted: it has to be what the schema says. Bounded in calls
 * at once, in time, in attempts and in bytes; after failures in a row the endpoint rests, and calls
 * fail at once. Durations are milliseconds.
 */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  generateText,
  NoObjectGeneratedError,
  NoOutputGeneratedError,
  Output,
} from 'ai';
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import type { z } from 'zod';
import { SECOND } from '../../config/duration.ts';
import { wellFormed, whyUnstorable } from '../../db/storable.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { ModelError } from './errors.ts';

const RETRIES_MAX = 2;
const RETRY_MS = 500;
const FAILURES_MAX = 5;
const REST_MS = 10 * SECOND;
const OUTPUT_TOKENS_MAX = 2_000;

export interface ModelOptions {
  /** E.g. `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly model: string;
  /** All attempts together. Default: the question's. */
  readonly timeoutMs?: number;
  /** Pause before the second attempt, which doubles. Default 500 ms. */
  readonly retryMs?: number;
  /** How long the endpoint rests after five failures in a row. Default 10 s. */
  readonly restMs?: number;
}

export interface Question<T> {
  /** What is asked for, e.g. `decision`: named to the model, and in errors. */
  readonly name: string;
  /** Endpoints take JSON Schema with `anyOf`, not `oneOf`; what may be absent is null. */
  readonly schema: z.ZodType<T>;
  /** All that is ours to say; the material is said to be no instruction. */
  readonly instructions: string;
  /** All attempts together. */
  readonly timeoutMs: number;
  /** At once; those beyond are refused, not queued. */
  readonly callsMax: number;
  /** Default 2,000. */
  readonly outputTokensMax?: number;
}

/**
 * @param material  what somebody wrote, as JSON: data to the model, never instructions
 * @throws ModelError
 */
export type Ask<T> = (material: unknown, signal: AbortSignal) => Promise<Answer<T>>;

interface Answer<T> {
  readonly answer: T;
  /** That it cost. */
  readonly tokens: number;
}

export function createQuestion<T>(options: ModelOptions, question: Question<T>): Ask<T> {
  const { baseUrl, apiKey, model, timeoutMs = question.timeoutMs } = options;
  const { name, schema, instructions, callsMax } = question;
  const { outputTokensMax = OUTPUT_TOKENS_MAX } = question;
  const provider = createOpenAICompatible({
    name: 'model',
    baseURL: baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    supportsStructuredOutputs: true,
    fetch: boundedFetch,
  });
  const output = Output.object({ schema, name });

  const calls = bulkhead(callsMax, 0);
  const rest = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: options.restMs ?? REST_MS,
    breaker: new ConsecutiveBreaker(FAILURES_MAX),
  });
  const attempts = retry(handleWhen(isPassing), {
    maxAttempts: RETRIES_MAX,
    backoff: new ExponentialBackoff({ initialDelay: options.retryMs ?? RETRY_MS }),
  });
  const guarded = wrap(calls, attempts, rest);

  async function once(material: unknown, signal: AbortSignal): Promise<Answer<T>> {
    const result = await generateText({
      model: provider.chatModel(model),
      output,
      instructions,
      prompt: JSON.stringify(material),
      temperature: 0,
      maxOutputTokens: outputTokensMax,
      maxRetries: 0,
      abortSignal: signal,
    });
    if (whyUnstorable(result.output)) throw malformed(name);
    return { answer: wellFormed(result.output), tokens: result.usage.totalTokens ?? 0 };
  }

  return async (material, signal) => {
    const late = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, late]);
    const circumstances = { name, callsMax, late, signal, timeoutMs };
    try {
      return await guarded.execute(async () => {
        try {
          return await once(material, either);
        } catch (error) {
          throw modelError(error, circumstances);
        }
      }, either);
    } catch (error) {
      // Of the policies themselves: a rest, a full house, or a pause that was cut short.
      throw modelError(error, circumstances);
    }
  };
}

const isOutage = (error: unknown): boolean =>
  error instanceof ModelError && ['timeout', 'unavailable', 'rate_limited'].includes(error.code);

/** Worth another attempt at once: also a malformed answer, since models do not always say the same. */
const isPassing = (error: unknown): boolean =>
  error instanceof ModelError && ['unavailable', 'rate_limited', 'malformed'].includes(error.code);

interface Circumstances {
  readonly name: string;
  readonly callsMax: number;
  readonly late: AbortSignal;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

function malformed(name: string, options?: ErrorOptions): ModelError {
  return new ModelError('malformed', `The model answered something that is no ${name}`, options);
}

/** Messages are ours: what the endpoint says may quote the request, and goes to the log as cause. */
function modelError(cause: unknown, circumstances: Circumstances): ModelError {
  const { name, callsMax, late, signal, timeoutMs } = circumstances;
  const error = (code: ModelError['code'], message: string) =>
    new ModelError(code, message, { cause });
  if (signal.aborted) return error('aborted', `The ${name} was not waited for`);
  if (late.aborted) return error('timeout', `The model did not answer in ${timeoutMs} ms`);
  if (cause instanceof ModelError) return cause;
  if (cause instanceof BrokenCircuitError) {
    return error('unavailable', 'The model failed again and again, and rests: try again shortly');
  }
  if (cause instanceof BulkheadRejectedError) {
    return error('busy', `The model has ${callsMax} questions already: try again shortly`);
  }
  if (NoObjectGeneratedError.isInstance(cause)) {
    return cause.finishReason === 'content-filter' || isRefusal(cause.response)
      ? error('refused', `The model would not make this ${name}`)
      : malformed(name, { cause });
  }
  if (NoOutputGeneratedError.isInstance(cause)) {
    return error('malformed', 'The model answered nothing');
  }
  if (!APICallError.isInstance(cause)) {
    return error('unavailable', 'The model cannot be reached just now');
  }
  const { statusCode } = cause;
  if (statusCode === 429) {
    return error('rate_limited', 'The model takes no more questions just now');
  }
  if (statusCode === 200) return malformed(name, { cause });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500 && statusCode !== 408) {
    const what = 'The model refuses our requests: check AI_BASE_URL, AI_API_KEY and AI_MODEL';
    return error('rejected', `${what} (status ${statusCode})`);
  }
  return error('unavailable', 'The model cannot be reached just now');
}

interface Completion {
  readonly body?: { readonly choices?: readonly { readonly message?: { refusal?: unknown } }[] };
}

/** OpenAI's own field for it, which the SDK hands on as if it were the answer. */
function isRefusal(response: unknown): boolean {
  const completion = response as Completion | undefined;
  return typeof completion?.body?.choices?.[0]?.message?.refusal === 'string';
}

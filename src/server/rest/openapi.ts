/**
 * The OpenAPI 3.1 description of the REST paths. Its schemas are generated from those that check the
 * input, so that the two cannot differ; what an answer looks like is said once here, and held to the
 * procedures' types by the compiler.
 */
import { z } from 'zod';
import { saveInput } from '../../api/routers/personality.ts';
import { analysisSchema, traitsSchema } from '../../services/personality/index.ts';
import type { Changed, Personality } from '../../services/personality/index.ts';
import { SESSION_COOKIE } from '../auth.ts';
import { failureSchema, metadataSchema } from './envelope.ts';

/** Of the paths; it changes when an answer or an input does. */
const API_VERSION = '1.0.0';

/** A value as JSON carries it. */
type Json<T> = T extends Date
  ? string
  : T extends object
    ? { [Name in keyof T]: Json<T[Name]> }
    : T;

const time = z.string().meta({ format: 'date-time' });

const personality = z.object({
  status: z.enum(['fresh', 'stale', 'missing']),
  analysis: analysisSchema.nullable(),
  tunedTraits: traitsSchema,
  version: z
    .int()
    .min(0)
    .meta({ description: '0 when missing; what expectedVersion is compared with' }),
  updatedAt: time.nullable(),
  freshUntil: time.nullable(),
}) satisfies z.ZodType<Json<Personality>>;

const changed = z.object({
  changed: z.boolean().meta({ description: 'False: too little differs to be a new version' }),
  version: z.int().min(1),
}) satisfies z.ZodType<Changed>;

const done = z.object({ ok: z.literal(true) });

const answerOf = (data: z.ZodType) =>
  z.object({ success: z.literal(true), data, metadata: metadataSchema });

const SCHEMAS = {
  Analysis: analysisSchema,
  Personality: personality,
  SavePersonality: saveInput,
  PersonalityAnswer: answerOf(personality),
  ChangedAnswer: answerOf(changed),
  DoneAnswer: answerOf(done),
  Failure: failureSchema,
};

type SchemaName = keyof typeof SCHEMAS;

const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: SchemaName) => ({ 'application/json': { schema: ref(name) } });

const REFUSALS: Record<string, string> = {
  400: 'The input is not what the schema asks for',
  401: 'Not signed in',
  403: 'A page of another site made the browser send this',
  404: 'No such user, or another than the one who is signed in',
  409: 'The version is not the expected one: load it again',
  413: 'The body has more than 1 MB',
  415: 'The body is not JSON',
  429: 'Too many calls; Retry-After says when to come back',
  500: 'Something went wrong on the server',
  503: 'The database cannot be reached just now, or the server has too much to do',
  504: 'The database took too long',
};

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly answer: SchemaName;
  readonly body?: SchemaName;
  readonly refusals: readonly number[];
  /** Answers 304 to who has it already. */
  readonly conditional?: boolean;
}

function operation({ answer, body, refusals, conditional, ...about }: Operation) {
  return {
    ...about,
    tags: ['personality'],
    ...(body ? { requestBody: { required: true, content: json(body) } } : {}),
    responses: {
      200: { description: 'Done', content: json(answer) },
      ...(conditional ? { 304: { description: 'As If-None-Match has it' } } : {}),
      ...Object.fromEntries(
        refusals.map((status) => [
          status,
          { description: REFUSALS[status] ?? '', content: json('Failure') },
        ]),
      ),
    },
  };
}

const READING = [401, 404, 429, 500, 503, 504];
const WRITING = [401, 403, 404, 429, 500, 503, 504];

export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Greenroom',
      version: API_VERSION,
      description: 'What is known of how a user writes, for clients without tRPC.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'personality', description: "A user's own personality analysis" }],
    security: [{ bearer: [] }, { session: [] }],
    paths: {
      '/api/personality/{username}/cache': {
        parameters: [
          {
            name: 'username',
            in: 'path',
            required: true,
            description: "The caller's own: the part of the e-mail before the @, made unique",
            schema: { type: 'string' },
          },
        ],
        get: operation({
          operationId: 'getPersonality',
          summary: 'The stored analysis',
          description: 'Answers 200 also when it is stale or missing. Cached; see Cache-Status.',
          answer: 'PersonalityAnswer',
          refusals: READING,
          conditional: true,
        }),
        post: operation({
          operationId: 'savePersonality',
          summary: 'Stores an analysis, or parts of one',
          description: 'Insignificant changes are ignored; all others make a new version.',
          body: 'SavePersonality',
          answer: 'ChangedAnswer',
          refusals: [400, ...WRITING, 409, 413, 415],
        }),
        delete: operation({
          operationId: 'deletePersonality',
          summary: 'Deletes the analysis and the tuned traits',
          description: 'Does nothing where there is none.',
          answer: 'DoneAnswer',
          refusals: WRITING,
        }),
      },
    },
    components: {
      schemas: jsonSchemas(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'From /api/auth/sign-in/email' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
      },
    },
  };
}

/** Each named schema once; where one contains another, by reference. */
function jsonSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}

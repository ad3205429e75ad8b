/**
 * What a client sees of an error. Ours say what is wrong and are passed on; everything else becomes
 * one sentence without SQL, stack or anybody's data, and the log has the cause by request id.
 */
import { TRPCError, type TRPCDefaultErrorShape } from '@trpc/server';
import { ZodError } from 'zod';
import { CacheError, type CacheErrorCode } from '../cache/index.ts';
import { isDatabaseUnavailable, isMissingReference } from '../db/error-kinds.ts';
import { BuilderError, type BuilderErrorCode } from '../services/builder/index.ts';
import { EmbedderError, type EmbedderErrorCode } from '../services/embeddings/embedder.ts';
import { ModelError, type ModelErrorCode } from '../services/model/index.ts';
import { PersonalityError, type PersonalityErrorCode } from '../services/personality/index.ts';

type ApiErrorCode = TRPCError['code'];

const CODE_OF_CACHE_ERROR: Record<CacheErrorCode, ApiErrorCode> = {
  definition: 'INTERNAL_SERVER_ERROR',
  uncovered: 'INTERNAL_SERVER_ERROR',
  key: 'BAD_REQUEST',
  timeout: 'GATEWAY_TIMEOUT',
  overloaded: 'SERVICE_UNAVAILABLE',
  closed: 'SERVICE_UNAVAILABLE',
};

const CODE_OF_BUILDER_ERROR: Record<BuilderErrorCode, ApiErrorCode> = {
  invalid_props: 'BAD_REQUEST',
  timeout: 'TIMEOUT',
  aborted: 'CLIENT_CLOSED_REQUEST',
  queue_full: 'SERVICE_UNAVAILABLE',
  closed: 'SERVICE_UNAVAILABLE',
  worker_crashed: 'INTERNAL_SERVER_ERROR',
  worker_unavailable: 'SERVICE_UNAVAILABLE',
};

const CODE_OF_EMBEDDER_ERROR: Record<EmbedderErrorCode, ApiErrorCode> = {
  busy: 'SERVICE_UNAVAILABLE',
  timeout: 'GATEWAY_TIMEOUT',
  unavailable: 'SERVICE_UNAVAILABLE',
};

const CODE_OF_PERSONALITY_ERROR: Record<PersonalityErrorCode, ApiErrorCode> = {
  conflict: 'CONFLICT',
  deleted: 'CONFLICT',
  too_many: 'PRECONDITION_FAILED',
  busy: 'SERVICE_UNAVAILABLE',
};

/** Not the caller's limit but ours with the model: no TOO_MANY_REQUESTS. */
const CODE_OF_MODEL_ERROR: Record<ModelErrorCode, ApiErrorCode> = {
  timeout: 'GATEWAY_TIMEOUT',
  aborted: 'CLIENT_CLOSED_REQUEST',
  unavailable: 'SERVICE_UNAVAILABLE',
  rate_limited: 'SERVICE_UNAVAILABLE',
  busy: 'SERVICE_UNAVAILABLE',
  rejected: 'BAD_GATEWAY',
  malformed: 'BAD_GATEWAY',
  refused: 'UNPROCESSABLE_CONTENT',
};

/** Errors of our own modules and of the database in tRPC's terms; others pass as they are. */
export function toApiError(error: unknown): unknown {
  const code =
    error instanceof CacheError
      ? CODE_OF_CACHE_ERROR[error.code]
      : error instanceof BuilderError
        ? CODE_OF_BUILDER_ERROR[error.code]
        : error instanceof PersonalityError
          ? CODE_OF_PERSONALITY_ERROR[error.code]
          : error instanceof ModelError
            ? CODE_OF_MODEL_ERROR[error.code]
            : error instanceof EmbedderError
              ? CODE_OF_EMBEDDER_ERROR[error.code]
              : undefined;
  if (code !== undefined) {
    return new TRPCError({ code, message: (error as Error).message, cause: error });
  }
  if (isDatabaseUnavailable(error)) return unavailable(error);
  if (isMissingReference(error)) return deletedMeanwhile(error);
  return error;
}

function deletedMeanwhile(cause: unknown): TRPCError {
  const message = 'What this belongs to was deleted meanwhile; nothing was written';
  return new TRPCError({ code: 'CONFLICT', message, cause });
}

function unavailable(cause: unknown): TRPCError {
  const message = 'The database cannot be reached just now; a write under way may be lost';
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause });
}

export interface InputIssue {
  /** E.g. `scenes.3.name`; empty for the input as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface FormattableError {
  readonly error: TRPCError;
  readonly shape: TRPCDefaultErrorShape;
  readonly ctx: { readonly requestId: string } | undefined;
}

export interface PublicError {
  readonly code: ApiErrorCode;
  readonly message: string;
  /** Of an input that its schema refuses. */
  readonly issues?: readonly InputIssue[];
}

/** What anybody may know of an error. */
export function publicError(error: TRPCError): PublicError {
  const { code } = error;
  const issues = error.cause instanceof ZodError ? issuesOf(error.cause) : undefined;
  return issues
    ? { code, message: describe(issues), issues }
    : { code, message: publicMessage(error) };
}

export function formatError({ error, shape, ctx }: FormattableError) {
  const { stack: _stack, ...data } = shape.data;
  const { message, issues } = publicError(error);
  return {
    ...shape,
    message,
    data: {
      ...data,
      ...(issues ? { issues } : {}),
      ...(ctx ? { requestId: ctx.requestId } : {}),
    },
  };
}

function publicMessage(error: TRPCError): string {
  if (error.code !== 'INTERNAL_SERVER_ERROR') return error.message;
  return 'Something went wrong on the server; its log has the details under the request id';
}

function issuesOf(error: ZodError): InputIssue[] {
  return error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
}

function describe(issues: readonly InputIssue[]): string {
  return issues.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
}
